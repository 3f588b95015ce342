import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { spreadTwice } from "../planning/nodes.fixture.ts";
import { collectFields } from "./collect-fields.ts";

const schema = buildSchema("type Query { deep: Deep } type Deep { n: Int m: Int deep: Deep }");

/** Collects the fields of the first field's objects, and counts how often a fragment is looked up. */
function collect(text: string, conditions = {}) {
  const { definitions } = parse(text);
  const operation = definitions[0] as OperationDefinitionNode;
  let lookups = 0;
  const fragments = new Proxy<Record<string, FragmentDefinitionNode>>(
    Object.fromEntries(
      definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [],
      ),
    ),
    { get: (all, name) => (lookups++, all[String(name)]) },
  );
  const [field] = operation.selectionSet.selections;
  if (field?.kind !== Kind.FIELD || field.selectionSet === undefined) throw new Error("No field.");
  const fields = collectFields([field.selectionSet], {
    operation: { schema, operation, fragments, responseNames: new Map() },
    conditions,
    typename: "Deep",
  });
  return { fields: fields.map(({ responseName, nodes }) => [responseName, nodes.length]), lookups };
}

test("a fragment that is spread twice at each of 16 levels is walked once a level, not once a spread", () => {
  const { fields, lookups } = collect(spreadTwice(16));
  expect(fields).toEqual([["n", 1]]);
  expect(lookups).toBe(17);
});

test("a fragment is walked once also where the spreads are in fragments of their own", () => {
  const fragments = Array.from(
    { length: 12 },
    (_, level) => `fragment F${level} on Deep { ... { ...G${level} } ...H${level} }
      fragment G${level} on Deep { ...F${level + 1} } fragment H${level} on Deep { ...F${level + 1} m }`,
  );
  const { fields, lookups } = collect(`{ deep { ...F0 } } ${fragments.join(" ")} fragment F12 on Deep { n }`);
  expect(fields).toEqual([
    ["n", 1],
    ["m", 12],
  ]);
  expect(lookups).toBe(37);
});

test("a spread that is skipped leaves the fragment to the next one", () => {
  const text = `query($a: Boolean!) { deep { ...F @include(if: $a) m ...F @skip(if: $a) } } fragment F on Deep { n }`;
  expect(collect(text, { a: true }).fields).toEqual([
    ["n", 1],
    ["m", 1],
  ]);
  expect(collect(text, { a: false }).fields).toEqual([
    ["m", 1],
    ["n", 1],
  ]);
});
