import { describe, expect, it } from "vitest";
import { includes, isStaff, visiblePayments } from "./visibility.ts";

const ALICE = "018d0000-0000-7000-8000-00000000000a";
const BOB = "018d0000-0000-7000-8000-00000000000b";
const caller = (scopes: string[], claims: Record<string, unknown> = {}) => ({
  scopes: new Set(scopes),
  claims,
});

describe("whose payments somebody sees", () => {
  it.each([
    ["everybody's, with customer:any", caller(["customer:any"]), "everybody's"],
    ["their own, as a customer", caller([], { customer_id: ALICE }), { customerId: ALICE }],
    [
      "their own, however the id is written",
      caller([], { customer_id: ALICE.toUpperCase() }),
      { customerId: ALICE },
    ],
    ["nobody's, without a claim", caller(["payment:read"]), "nobody's"],
    ["nobody's, with a claim that is no id", caller([], { customer_id: "' OR true" }), "nobody's"],
    ["nobody's, with a claim that is no text", caller([], { customer_id: [ALICE] }), "nobody's"],
  ])("%s", (_, who, visible) => {
    expect(visiblePayments(who)).toEqual(visible);
  });

  it("tells customers apart", () => {
    expect(includes("everybody's", BOB)).toBe(true);
    expect(includes({ customerId: ALICE }, ALICE)).toBe(true);
    expect(includes({ customerId: ALICE }, BOB)).toBe(false);
    expect(includes("nobody's", ALICE)).toBe(false);
  });
});

it.each([
  [["support"], true],
  [["x", "admin"], true],
  [["customer"], false],
  [[], false],
  ["admin", false],
  [undefined, false],
])("roles %j: staff %s", (roles, staff) => {
  expect(isStaff(caller([], { roles }))).toBe(staff);
});
