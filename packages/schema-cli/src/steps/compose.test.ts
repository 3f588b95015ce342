import { composeServices } from "@apollo/composition";
import { describe, expect, test } from "vitest";
import { compose } from "./compose.ts";
import { type ParsedSubgraph, parseSubgraphs } from "./parse-subgraphs.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])`;

/** Composes SDL given by subgraph; each is read as if from `<name>.graphql`. */
function composeSdl(sdl: Record<string, string>) {
  const { subgraphs, findings } = parseSubgraphs(
    Object.entries(sdl).map(([name, text]) => ({
      name,
      url: `http://${name}/graphql`,
      files: [{ file: `${name}.graphql`, sdl: `${link}\n${text}` }],
    })),
  );
  expect(findings).toEqual([]);
  return compose(subgraphs);
}

describe("an error of composition", () => {
  test("names the field's place in every subgraph that has it", () => {
    const { composed, findings } = composeSdl({
      a: 'type Query { t: T }\ntype T @key(fields: "id") {\n  id: ID!\n  name: String @shareable\n}',
      b: 'type T @key(fields: "id") {\n  id: ID!\n  name: Int @shareable\n}',
    });
    expect(composed).toBeNull();
    expect(findings).toMatchObject([
      {
        severity: "error",
        code: "FIELD_TYPE_MISMATCH",
        places: [
          { subgraph: "a", file: "a.graphql", line: 5, column: 3 },
          { subgraph: "b", file: "b.graphql", line: 4, column: 3 },
        ],
      },
    ]);
  });

  test("of satisfiability, which comes without nodes, names the fields that cannot be reached", () => {
    const { findings } = composeSdl({
      a: 'type Query { t: T }\ntype T @key(fields: "id") { id: ID! }',
      b: 'type T @key(fields: "other") {\n  other: ID!\n  extra: Int\n}',
    });
    expect(findings.map(({ code }) => code)).toEqual(["SATISFIABILITY_ERROR", "SATISFIABILITY_ERROR"]);
    expect(findings.map(({ places }) => places)).toEqual([
      [{ subgraph: "b", file: "b.graphql", line: 3, column: 3 }],
      [{ subgraph: "b", file: "b.graphql", line: 4, column: 3 }],
    ]);
  });

  test("that has no place in a file names the subgraph's file", () => {
    const { findings } = composeSdl({ a: "type Query { a: Int }\ntype Query { b: Int }" });
    expect(findings).toMatchObject([
      { code: "INVALID_GRAPHQL", places: [{ subgraph: "a", file: "a.graphql" }] },
    ]);
  });

  test("that is about no subgraph has no place", () => {
    expect(compose([]).findings).toMatchObject([{ code: "NO_QUERIES", places: [] }]);
  });

  test("is found in every subgraph in one go", () => {
    const { findings } = composeSdl({
      a: 'type Query { t: T }\ntype T @key(fields: "nope") { id: ID! }',
      b: 'type T @key(fields: "neither") { id: ID! }',
    });
    expect(findings.map(({ code, places }) => [code, places[0]?.subgraph])).toEqual([
      ["KEY_INVALID_FIELDS", "a"],
      ["KEY_INVALID_FIELDS", "b"],
    ]);
  });
});

test("a hint does not stand in the way of composition, and has its places", () => {
  const { composed, findings } = composeSdl({
    a: 'type Query { t: T }\n"one thing" type T @key(fields: "id") { id: ID! }',
    b: '"another" type T @key(fields: "id") { id: ID! }',
  });
  expect(composed?.supergraph).toContain("type T");
  expect(findings).toMatchObject([
    {
      severity: "hint",
      code: "INCONSISTENT_DESCRIPTION",
      places: [
        { subgraph: "a", line: 3 },
        { subgraph: "b", line: 2 },
      ],
    },
  ]);
});

test("a file that is not GraphQL is a finding with its place, and the others are parsed", () => {
  const { subgraphs, findings } = parseSubgraphs([
    { name: "a", url: "http://a", files: [{ file: "a.graphql", sdl: "type Query {\n  a: \n}" }] },
    { name: "b", url: "http://b", files: [{ file: "b.graphql", sdl: "type Query { b: Int }" }] },
  ]);
  expect(findings).toMatchObject([
    { code: "INVALID_GRAPHQL", places: [{ subgraph: "a", file: "a.graphql", line: 3, column: 1 }] },
  ]);
  expect(subgraphs.map(({ name }) => name)).toEqual(["b"]);
});

test("a subgraph that moved is composed with its new address, though nothing else of it changed", () => {
  const at = (url: string, known: ParsedSubgraph[] = []) =>
    parseSubgraphs([{ name: "a", url, files: [{ file: "a", sdl: `${link}\ntype Query { a: Int }` }] }], known)
      .subgraphs;
  const before = at("http://old");
  expect(compose(before).composed?.supergraph).toContain('url: "http://old"');
  expect(compose(at("http://new", before)).composed?.supergraph).toContain('url: "http://new"');
});

test("what was composed before leaves no trace in what is composed with some of it later", () => {
  const sources = (fields: string) =>
    Object.entries({
      a: 'type Query { t: T }\ntype T @key(fields: "id") { id: ID! name: String @shareable }',
      b: `type T @key(fields: "id") { id: ID! name: String @shareable ${fields} }\ninterface I { x: Int }`,
      c: 'type T @key(fields: "id", resolvable: false) { id: ID! }\ntype U implements I { x: Int t: T }\ninterface I { x: Int }\ntype Query { u: U @shareable }',
    }).map(([name, text]) => ({
      name,
      url: `http://${name}/graphql`,
      files: [{ file: name, sdl: `${link}\n${text}` }],
    }));
  const fresh = (fields: string) => {
    const { subgraphs } = parseSubgraphs(sources(fields));
    return composeServices(subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document })));
  };
  const known: ParsedSubgraph[] = [];
  for (const fields of ["", "more: Int", "", "name: Int", "more: [T]", "t: Nothing", "more: Int"]) {
    const { subgraphs } = parseSubgraphs(sources(fields), known);
    known.push(...subgraphs);
    const { composed, findings } = compose(subgraphs);
    const { supergraphSdl, errors, hints } = fresh(fields);
    expect(composed?.supergraph.replace(/^#.*\n\n/, "").trim()).toBe(supergraphSdl?.trim());
    expect(findings.map(({ message }) => message)).toEqual((errors ?? hints).map(({ message }) => message));
  }
});
