import { expect, test } from "vitest";
import { UsageError } from "../result/fault.ts";
import { stepNames } from "../result/step-name.ts";
import { type CheckOptions, runCheck } from "./check.ts";
import { memoryFiles } from "./memory-files.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n`;
const users = (fields: string) =>
  `${link}type Query { users: [User!]! }\ntype User @key(fields: "id") { id: ID! ${fields} }\n`;
const phones = (fields: string) => `${link}type User @key(fields: "id") { id: ID! ${fields} }\n`;

const config = {
  subgraphs: [
    { name: "users", url: "http://localhost:1/graphql", schema: "../users.graphql" },
    { name: "phones", url: "http://localhost:2/graphql", schema: "../phones.graphql" },
  ],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  operations: [{ name: "clients", folder: "operations" }],
};
const options: CheckOptions = { config: "schema/schema.config.ts", failOn: "breaking", today: "2026-05-06" };
const operation = "query Phones { users { id name phone } }";

function repository(sdls: [users: string, phones: string], settings: object = {}) {
  return memoryFiles({
    texts: {
      "users.graphql": users(sdls[0]),
      "phones.graphql": phones(sdls[1]),
      "schema/operations/phones.graphql": operation,
    },
    modules: { "schema/schema.config.ts": { ...config, ...settings } },
  });
}

function check(base: ReturnType<typeof repository>, head: ReturnType<typeof repository>, more: object = {}) {
  return runCheck(head, { ref: "main", commit: "0".repeat(40), files: base }, { ...options, ...more });
}

const before = repository(["name: String phone: String", "calls: Int"]);
const moved: [string, string] = ["name: [String] bad_name: Int", "calls: Int phone: String"];
const rules = { lint: { rules: { "naming-convention": ["error", { FieldDefinition: "camelCase" }] } } };

test("runs every step there is, in order, and each finds its own", async () => {
  const { steps, findings } = await check(before, repository(moved, rules));
  expect(steps?.map(({ name, outcome }) => [name, outcome])).toEqual(stepNames.map((name) => [name, "done"]));
  const found = (step: string) => findings.filter((each) => each.step === step).map(({ code }) => code);
  expect(found("lint")).toEqual(["lint/naming-convention"]);
  expect(found("plan")).toEqual(["PLAN_WORSE"]);
  expect(found("rollout")).toEqual(["ROLLOUT_CONFLICT"]);
});

test("takes thresholds from the configuration", async () => {
  const thresholds = { thresholds: { plan: { fetches: 1, depth: 1, sequential: 1 } } };
  const { findings } = await check(before, repository(moved, thresholds), { only: ["plan"] });
  expect(findings).toEqual([]);
});

test("refuses a lint rule that is not there, also where nothing changed", async () => {
  const head = repository(["name: String phone: String", "calls: Int"], {
    lint: { rules: { nonsense: "warn" } },
  });
  await expect(check(before, head)).rejects.toThrow(UsageError);
});
