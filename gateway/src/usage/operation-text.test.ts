import { Kind, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { operationText } from "./operation-text.ts";

function textOf(source: string, name?: string): string {
  const document = parse(source);
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode =>
      node.kind === Kind.OPERATION_DEFINITION && (name === undefined || node.name?.value === name),
  );
  if (operation === undefined) throw new Error("no operation");
  return operationText(document, operation);
}

test("tells nothing of anybody: literals are hidden, pages' sizes and names of the schema are not", () => {
  const text = textOf(`
    # who is asked about
    query Find($size: Int = 20, $number: Int = 4711, $mail: String = "a@b.example") {
      find(mail: "a@b.example", number: 103, price: 9.5, ids: ["a", "b"], kind: BOOK, more: { a: """x""", on: true })
      page(first: 50, after: "c") { id }
      other(last: $size, number: $number) { id }
    }`);
  expect(text).toBe(`query Find($size: Int = 20, $number: Int = 0, $mail: String = "") {
  find(
    mail: ""
    number: 0
    price: 0
    ids: [""]
    kind: BOOK
    more: {a: "", on: true}
  )
  page(first: 50, after: "") {
    id
  }
  other(last: $size, number: $number) {
    id
  }
}`);
});

test("is the same however the document was laid out, and has what the operation uses alone", () => {
  const one = textOf("query A { ...X ...B } fragment X on Q { x } fragment B on Q { b } query C { c }", "A");
  const other = textOf(
    "fragment B on Q {\n b }\n fragment Unused on Q { u } query A {\n ...X, ...B } fragment X on Q { x }",
  );
  expect(one).toBe(other);
  expect(one).not.toMatch(/Unused|query C/);
});

test("of an operation without a name is its own", () => {
  expect(textOf("{ a }")).toBe("{\n  a\n}");
});
