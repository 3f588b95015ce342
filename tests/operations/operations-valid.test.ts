import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  buildSchema,
  type DocumentNode,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { expect, it } from "vitest";

const schemaDir = path.join(import.meta.dirname, "../../schema");
const operationsDir = path.join(schemaDir, "operations");
const api = buildSchema(readFileSync(path.join(schemaDir, "api.graphql"), "utf8"));
const files = readdirSync(operationsDir, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".graphql"),
);

const textOf = (file: string) => readFileSync(path.join(operationsDir, file), "utf8");
const operationsOf = (document: DocumentNode) =>
  document.definitions.filter(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );

/** `FindCustomers` -> `find-customers` */
const kebab = (name: string) => name.replaceAll(/(?<!^)([A-Z])/g, "-$1").toLowerCase();

it("are there, the flagship among them", () => {
  expect(files.length).toBeGreaterThanOrEqual(13);
  const [flagship] = operationsOf(parse(textOf("customer-with-payment-history.graphql")));
  expect(flagship?.variableDefinitions?.map(({ variable }) => variable.name.value)).toEqual([
    "id",
    "payments",
    "orders",
    "paymentsAfter",
  ]);
});

it.each(files)("%s fits the composed schema", (file) => {
  expect(validate(api, parse(textOf(file))).map(({ message }) => message)).toEqual([]);
});

it.each(files)("%s holds one operation, under its own name, and says who sends it and why", (file) => {
  const text = textOf(file);
  const operations = operationsOf(parse(text));
  expect(operations.map(({ name }) => name && kebab(name.value))).toEqual([path.basename(file, ".graphql")]);
  expect(text).toMatch(/^# Sent by: .+\n(# .+\n)*# Why: .+\n(# .+\n)*(query|mutation) /);
});

it("use every field of Query and Mutation", () => {
  const used = files.flatMap((file) =>
    operationsOf(parse(textOf(file))).flatMap(({ selectionSet }) =>
      selectionSet.selections.map((selection) => (selection.kind === Kind.FIELD ? selection.name.value : "")),
    ),
  );
  const roots = [api.getQueryType(), api.getMutationType()].filter(isObjectType);
  const known = roots.flatMap((root) => Object.keys(root.getFields()));
  expect([...new Set(used)].sort()).toEqual(known.sort());
});

it("would be told of an operation that does not fit", () => {
  const faults = validate(api, parse("query Wrong($id: Int!) { customer(id: $id) { id surname } }"));
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('Cannot query field "surname" on type "Customer".'),
    'Variable "$id" of type "Int!" used in position expecting type "ID!".',
  ]);
});
