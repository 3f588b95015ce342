import fc from "fast-check";
import { buildSchema, executeSync, type GraphQLError, Kind, parse } from "graphql";
import { expect, test } from "vitest";
import { createAskedFields } from "./asked-fields.ts";
import { explainNulls, subgraphErrorLimit } from "./explanation.ts";
import type { Failure, Path } from "./failure.ts";

const SCHEMA = buildSchema(`
  type Query { one: Thing sure: Thing! many: [Thing] all: [Thing!]! }
  type Thing { a: Int b: Int! c: Int one: Thing sure: Thing! many: [Thing] all: [Thing!]! grid: [[Thing!]!] }`);
const LEAVES = ["a", "b", "c"];
const OBJECTS = ["one", "sure", "many", "all"];

/** A selection of a Thing, or of the root: never the same name twice. */
function selections(names: readonly string[], depth: number): fc.Arbitrary<string> {
  return fc
    .subarray([...names, ...(depth < 3 ? OBJECTS : [])], { minLength: 1 })
    .chain((picked) =>
      fc.tuple(
        ...picked.map((name) =>
          OBJECTS.includes(name)
            ? selections(LEAVES, depth + 1).map((inner) => `${name} ${inner}`)
            : fc.constant(name),
        ),
      ),
    )
    .map((parts) => `{ ${parts.join(" ")} }`);
}

/** The keys of things that one fetch was to bring, and the things that it failed for, by a number. */
const failing = fc.record({
  keys: fc.subarray(LEAVES, { minLength: 1 }),
  things: fc.nat(),
  length: fc.nat(3),
});

test("errors of a fetch name the fields that graphql-js names, and one for each null that came of it", () => {
  fc.assert(
    fc.property(selections([], 0), failing, (query, { keys, things, length }) => {
      const isStruck = (thing: Path) => (things >> (JSON.stringify(thing).length % 7)) % 2 === 0;
      const places = new Map<string, Path>();
      const document = parse(query);
      const { data = null, errors = [] } = executeSync({
        schema: SCHEMA,
        document,
        rootValue: {},
        fieldResolver: (_source, _args, _context, { path, fieldName }) => {
          const place = pathOf(path);
          const thing = place.slice(0, -1);
          if (keys.includes(fieldName) && isStruck(thing)) {
            places.set(JSON.stringify(thing), thing);
            throw new Error("Down.");
          }
          if (LEAVES.includes(fieldName)) return 1;
          return fieldName === "many" || fieldName === "all" ? Array.from({ length }, () => ({})) : {};
        },
      });
      fc.pre(errors.length <= subgraphErrorLimit);
      const failure: Failure = {
        service: "people",
        code: "SUBGRAPH_UNAVAILABLE",
        message: "Down.",
        extensions: {},
        exact: false,
        fetch: { path: [], keys },
      };
      const operation = document.definitions[0];
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("No operation.");
      const told =
        places.size === 0 ? [] : [{ failure, places: [...places.values()].map((path) => ({ path, keys })) }];
      const explained = explainNulls(data, {
        failures: told,
        plannedFetches: () => [],
        clientName: (name) => name,
        // As the executor finds them.
        violations: errors
          .filter(({ path }) => path?.at(-1) === "b")
          .map((error) => ({ kind: "null", where: "field Thing.b", error })),
        isAsked: createAskedFields(document, operation),
      });
      const expected = pathsOf(errors).map((path) => JSON.stringify(path));
      // graphql-js tells of fields in an object that is null since another one of its fields failed as well.
      for (const path of pathsOf(explained)) expect(expected).toContain(JSON.stringify(path));
      // Of the fields that failed in an object that is null, it is the one that may not be.
      for (const path of pathsOf(explained))
        if (nullAt(data, path) !== JSON.stringify(path)) expect(path.at(-1)).toBe("b");
      expect(new Set(pathsOf(explained).map((path) => nullAt(data, path)))).toEqual(
        new Set(pathsOf(errors).map((path) => nullAt(data, path))),
      );
    }),
    { seed: Number(process.env["TEST_SEED"] ?? 1), numRuns: 2_000 },
  );
});

function pathsOf(errors: readonly GraphQLError[]): readonly Path[] {
  return errors.map(({ path }) => path ?? []);
}

/** The first null on the way to a place, as text. */
function nullAt(data: unknown, place: Path): string {
  let value = data;
  let depth = 0;
  while (depth < place.length && typeof value === "object" && value !== null)
    value = (value as Record<string | number, unknown>)[place[depth++] as string];
  return JSON.stringify(place.slice(0, depth));
}

interface LinkedPath {
  readonly prev: LinkedPath | undefined;
  readonly key: string | number;
}

function pathOf(path: LinkedPath): (string | number)[] {
  return path.prev === undefined ? [path.key] : [...pathOf(path.prev), path.key];
}
