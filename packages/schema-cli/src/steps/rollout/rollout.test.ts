import { describe, expect, test } from "vitest";
import type { Finding } from "../../result/finding.ts";
import { type ContextOptions, context } from "../context.fixture.ts";
import { rolloutStep } from "./rollout.ts";

async function run(options: ContextOptions) {
  return rolloutStep.run(context(options));
}

const users = (fields: string) =>
  `type Query { users: [User!]! } type User @key(fields: "id") { id: ID! ${fields} }`;
const orders = (fields: string) => `type User @key(fields: "id") { id: ID! ${fields} }`;

describe("rollout", () => {
  test("has nothing to look at where one subgraph changed, white space and comments aside", async () => {
    const base = { users: users("name: String"), orders: orders("orders: Int") };
    expect(await run({ base, head: base })).toMatchObject({ outcome: "skipped" });
    const head = { users: users("name: String!"), orders: `${base.orders}  # a comment\n` };
    expect(await run({ base, head })).toMatchObject({ outcome: "skipped", findings: [] });
  });

  test("finds the order in which a value type grows: no subgraph may lack a field that another marks external", async () => {
    const { findings } = await run({
      base: { orders: orders("orders: Int"), users: users("name: String") },
      head: {
        orders: orders('weight: Int @external orders: Int @requires(fields: "weight")'),
        users: users("name: String weight: Int"),
      },
    });
    expect(findings).toEqual([
      expect.objectContaining({
        severity: "hint",
        code: "ROLLOUT_ORDER",
        message: expect.stringMatching(/order: users, orders\.\nNot orders first: \w+: /) as string,
      }),
    ]);
  });

  test("refuses to move a field without @override, names the pair and says how", async () => {
    const { findings } = await run({
      base: { users: users("name: String phone: String"), orders: orders("orders: Int") },
      head: { users: users("name: String"), orders: orders("orders: Int phone: String") },
      operations: ["query Phones { users { phone } }"],
    });
    const [finding] = findings as [Finding];
    expect(finding).toMatchObject({
      severity: "error",
      code: "ROLLOUT_CONFLICT",
      coordinate: "orders + users",
    });
    expect(finding.message).toContain("Not users first: FIELD_BROKEN: User.phone would not be there");
    expect(finding.message).toContain("Not orders first: INVALID_FIELD_SHARING:");
    expect(finding.advice).toContain('first add User.phone to orders with @override(from: "users")');
  });

  test("takes the two steps that it tells people to make", async () => {
    const before = { users: users("name: String phone: String"), orders: orders("orders: Int") };
    const between = {
      users: before.users,
      orders: orders(`orders: Int phone: String @override(from: "users")`),
    };
    const after = { users: users("name: String"), orders: between.orders };
    const operations = ["query Phones { users { phone } }"];
    for (const [base, head] of [
      [before, between],
      [between, after],
    ] as const) {
      const { findings } = await run({ base, head, operations });
      expect(findings).toEqual([]);
    }
  });

  test("sees that an operation would fail for a while though no field goes: two fields of one name differ", async () => {
    const a = (type: string) =>
      `type Query { u: [U!]! } union U = A | B type A { x: ${type} } type B @key(fields: "id") { id: ID! }`;
    const b = (type: string) => `type B @key(fields: "id") { id: ID! x: ${type} }`;
    const { findings } = await run({
      base: { a: a("Int"), b: b("Int") },
      head: { a: a("Int!"), b: b("Int!") },
      operations: ["query Both { u { ... on A { x } ... on B { x } } }"],
    });
    expect(findings).toMatchObject([{ code: "ROLLOUT_CONFLICT", coordinate: "a + b" }]);
    expect(findings[0]?.message).toContain("Not a first: OPERATION_BROKEN: Operation Both would fail");
  });

  test("orders what an added and a removed subgraph need", async () => {
    const { findings } = await run({
      base: { a: "type Query { a: Int }", old: "type Query { b: Int @shareable }" },
      head: { a: "type Query { a: Int }", new: "type Query { b: Int @shareable }" },
    });
    expect(findings).toMatchObject([
      { code: "ROLLOUT_ORDER", message: expect.stringContaining("new, old") as string },
    ]);
  });

  test("is about the subgraphs of --subgraph only", async () => {
    const options = {
      base: {
        users: users("name: String phone: String"),
        orders: orders("orders: Int"),
        c: "type Query { c: Int }",
      },
      head: {
        users: users("name: String"),
        orders: orders("orders: Int phone: String"),
        c: "type Query { c: Int }",
      },
    };
    expect((await run({ ...options, only: ["c"] })).findings).toEqual([]);
    expect((await run({ ...options, only: ["users"] })).findings).toHaveLength(1);
  });
});
