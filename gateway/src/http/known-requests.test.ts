import { expect, test } from "vitest";
import { createRequestReader } from "./known-requests.ts";

function countingReader(limitCharacters?: number) {
  let parsed = 0;
  const read = createRequestReader({
    parseJson: (text) => {
      parsed++;
      return JSON.parse(text) as unknown;
    },
    ...(limitCharacters === undefined ? {} : { limitCharacters }),
  });
  return { read, parsed: () => parsed };
}

test("a body that came before is not read again", () => {
  const { read, parsed } = countingReader();
  const body = JSON.stringify({ query: "{ a }", operationName: null, extensions: { x: 1 } });
  expect(read(body)).toMatchObject({ query: "{ a }", extensions: { x: 1 } });
  expect(read(body)).toBe(read(body));
  expect(parsed()).toBe(1);
});

test("bodies with variables are not kept", () => {
  const { read, parsed } = countingReader();
  const body = JSON.stringify({ query: "query($a: ID) { a(a: $a) }", variables: { a: "secret" } });
  expect(read(body)?.variables).toEqual({ a: "secret" });
  expect(read(body)?.variables).toEqual({ a: "secret" });
  expect(parsed()).toBe(2);
});

test("what is out of the ordinary is null each time", () => {
  const { read, parsed } = countingReader();
  expect(read('{"query":7}')).toBeNull();
  expect(read('{"query":7}')).toBeNull();
  expect(parsed()).toBe(2);
});

test("no more than the bound is kept, and what is used stays", () => {
  const { read, parsed } = countingReader(10_000);
  const bodyOf = (number: number) => JSON.stringify({ query: `{ a${number} }`.padEnd(100) });
  for (let number = 0; number < 1_000; number++) {
    read(bodyOf(number));
    read(bodyOf(0));
  }
  expect(parsed()).toBe(1_000);
  read(bodyOf(1));
  expect(parsed()).toBe(1_001);
});
