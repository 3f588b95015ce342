import { expect, it } from "vitest";
import { includes, isStaff, mayReadOrders, visibleOrders } from "./visibility.ts";

const ID = "0190a1b2-0000-7000-8000-00000000000a";
const caller = (scope: string, claims: Record<string, unknown> = {}) => ({
  scopes: new Set(scope.split(" ")),
  claims,
});

it.each([
  ["whoever may see any customer", caller("customer:any"), "everybody's"],
  ["a customer", caller("order:read", { customer_id: ID }), { customerId: ID }],
  ["a customer whose id is in capitals", caller("", { customer_id: ID.toUpperCase() }), { customerId: ID }],
  ["somebody who is no customer", caller("order:read"), "nobody's"],
  ["a claim that is no id", caller("order:read", { customer_id: "*" }), "nobody's"],
  ["a claim that is no text", caller("order:read", { customer_id: [ID] }), "nobody's"],
  ["a scope of a similar name", caller("customer:anything customer"), "nobody's"],
])("shows orders to %s", (_, who, expected) => {
  expect(visibleOrders(who)).toEqual(expected);
});

it("includes a customer's own orders, everybody's, or nobody's", () => {
  const other = ID.replace("a", "b");
  expect([ID, other].map((id) => includes({ customerId: ID }, id))).toEqual([true, false]);
  expect(includes("everybody's", ID)).toBe(true);
  expect(includes("nobody's", ID)).toBe(false);
});

it.each([
  [["support"], true],
  [["customer", "admin"], true],
  [["customer"], false],
  [[], false],
  ["finance", false],
  [{ support: true }, false],
  [undefined, false],
])("takes the roles %j for staff: %s", (roles, staff) => {
  expect(isStaff(caller("", { roles }))).toBe(staff);
});

it("lets those read orders who have the scope", () => {
  expect(mayReadOrders(caller("contact:read order:read"))).toBe(true);
  expect(mayReadOrders(caller("customer:any order:reader"))).toBe(false);
});
