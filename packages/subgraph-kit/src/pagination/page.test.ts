import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, type Ordering } from "./cursor.ts";
import { pageRequest, toConnection } from "./page.ts";

const ordering: Ordering = { name: "NAME", column: "name", type: "text", direction: "ASC" };
const rows = ["a", "b", "c"].map((name, index) => ({
  name,
  id: `0190a0b0-c0d0-7e0f-8a0b-0c0d0e0f0a0${index}`,
}));
const options = {
  positionOf: ({ name, id }: { name: string; id: string }) => ({ value: name, id }),
  totalCount: async () => 7,
};
const after = encodeCursor(ordering, options.positionOf(rows[0]!));

test.each([1, 100])("first: %i is a page", (first) => {
  expect(pageRequest({ first }, ordering)).toEqual({ first, ordering, after: null });
});

test.each([0, -1, 101, 2 ** 31 - 1])("first: %i is refused with the range", (first) => {
  expect(() => pageRequest({ first }, ordering)).toThrow(
    expect.objectContaining({
      extensions: { code: "PAGE_SIZE_OUT_OF_RANGE", argument: "first", min: 1, max: 100 },
    }),
  );
});

test("a cursor becomes the place where the page starts, and null is none", () => {
  expect(pageRequest({ first: 1, after }, ordering).after).toEqual({ value: "a", id: rows[0]!.id });
  expect(pageRequest({ first: 1, after: null }, ordering).after).toBeNull();
});

test("a row too many says that another page follows, and is not shown", async () => {
  const connection = toConnection(pageRequest({ first: 2 }, ordering), rows, options);
  expect(connection.nodes).toEqual(rows.slice(0, 2));
  expect(connection.edges.map(({ node }) => node)).toEqual(connection.nodes);
  expect(connection.edges.map(({ cursor }) => decodeCursor(ordering, cursor).value)).toEqual(["a", "b"]);
  expect(connection.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: connection.edges[0]!.cursor,
    endCursor: connection.edges[1]!.cursor,
  });
  expect(await connection.totalCount()).toBe(7);
});

test("a page that is just full is the last one", () => {
  const { pageInfo } = toConnection(pageRequest({ first: 3, after }, ordering), rows, options);
  expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
});

test("an empty page has no cursors", () => {
  expect(toConnection(pageRequest({ first: 3 }, ordering), [], options)).toMatchObject({
    edges: [],
    nodes: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});
