import type { Result } from "../result/finding.ts";

/** A result with one of everything, and with text that formats could trip over. */
export const everything: Result = {
  version: 1,
  command: "check",
  base: { ref: "origin/main", commit: "0123456789abcdef0123456789abcdef01234567" },
  steps: [
    { name: "compose", outcome: "done" },
    { name: "lint", outcome: "done" },
    { name: "diff", outcome: "done" },
    { name: "operations", outcome: "skipped", reason: "the configuration names no operations" },
    { name: "plan", outcome: "unchecked", reason: "the base does not compose" },
    { name: "rollout", outcome: "done" },
  ],
  findings: [
    {
      severity: "hint",
      code: "INCONSISTENT_DESCRIPTION",
      step: "compose",
      message: 'Element "Money" has <b>inconsistent</b> descriptions & more, 100% ::set-output name=a::b',
      places: [{ subgraph: "order", file: "subgraphs/order/schema.graphql" }],
    },
    {
      severity: "error",
      code: "FIELD_REMOVED",
      step: "diff",
      kind: "breaking",
      message: "Field Customer.phone was removed",
      coordinate: "Customer.phone",
      before: "String",
      after: null,
      changeId: "3f2c9a1b",
      places: [
        {
          subgraph: "customer",
          file: "subgraphs/customer/schema.graphql",
          line: 12,
          column: 3,
          side: "base",
        },
        { subgraph: "customer", file: "subgraphs/customer/schema.graphql", line: 9, column: 1 },
      ],
      excerpt: ["-  phone: String", ` "${"long ".repeat(30)}"`],
      operations: [
        {
          name: "CustomerByNumber",
          place: { file: "schema/operations/customer-by-number.graphql", line: 7 },
          verdict: "broken",
        },
        {
          name: "FindCustomers",
          place: { file: "schema/operations/find-customers.graphql", line: 3 },
          verdict: "affected",
        },
      ],
      advice: "keep it, and mark it @deprecated until no operation asks for it",
    },
    {
      severity: "hint",
      code: "TYPE_REMOVED",
      step: "diff",
      kind: "breaking",
      message: "Type Fax was removed",
      coordinate: "Fax",
      before: "type Fax",
      after: null,
      changeId: "aa00bb11",
      places: [
        { subgraph: "fax", file: "subgraphs/fax/schema with, odd: name.graphql", line: 4, side: "base" },
      ],
      excuse: {
        by: "approval",
        reason: "nobody has | one",
        file: "schema/approvals/fax.yaml",
        expires: "2027-01-31",
      },
    },
    {
      severity: "warning",
      code: "ENUM_VALUE_ADDED",
      step: "diff",
      kind: "dangerous",
      message: `A \u001B[31mvalue\u0007\r\nwas \`added\` by @somebody ${"x".repeat(140)}\n::error::not ours`,
      coordinate: "OrderStatus.LOST",
      places: [],
    },
    { severity: "error", code: "naming-convention", step: "lint", message: "No", places: [] },
    { severity: "error", code: "naming-convention", step: "lint", message: "No", places: [] },
  ],
  done: ["3 subgraphs", "23 operations"],
};

/** A result with nothing in it that fails. */
export const clean: Result = {
  version: 1,
  command: "check",
  base: { ref: "main", commit: "0123456789abcdef0123456789abcdef01234567" },
  steps: [{ name: "compose", outcome: "done" }],
  findings: [],
  done: ["3 subgraphs"],
};
