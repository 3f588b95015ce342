import { describe, expect, test } from "vitest";
import { isStaff, isVisible, ownCustomerId, parseId, sightOf } from "./visibility.ts";

const own = "0190a0b0-c0d0-7e0f-8a0b-0c0d0e0f0a0b";
const other = "0190a0b0-c0d0-7e0f-8a0b-0c0d0e0f0a0c";
const caller = (scopes: string[], claims: Record<string, unknown> = {}) => ({
  scopes: new Set(scopes),
  claims,
});

describe("whose rows a caller sees", () => {
  test.each([
    ["a customer, their own", caller(["order:read"], { customer_id: own }), [true, false]],
    ["staff, everybody's", caller(["customer:any"]), [true, true]],
    ["staff who buy here too, everybody's", caller(["customer:any"], { customer_id: own }), [true, true]],
    ["somebody anonymous, nobody's", caller([]), [false, false]],
    ["a scope that looks like the one, nobody's", caller(["customer:anyone"]), [false, false]],
    ["a claim that is no id, nobody's", caller([], { customer_id: "null" }), [false, false]],
    ["a claim that is no text, nobody's", caller([], { customer_id: null }), [false, false]],
  ])("%s", (_who, who, seen) => {
    const sight = sightOf(who);
    expect([own, other].map((id) => isVisible(sight, id))).toEqual(seen);
  });
});

test("a claim is the same customer in any case of its letters", () => {
  expect(ownCustomerId(caller([], { customer_id: own.toUpperCase() }))).toBe(own);
});

test.each(["", "103", own.replaceAll("-", ""), `{${own}}`, `${own} `, `${own}0`, `${own}\n`])(
  "%j is no id",
  (text) => {
    expect(parseId(text)).toBeNull();
  },
);

test.each([
  [["support"], true],
  [["finance"], true],
  [["customer", "admin"], true],
  [["customer"], false],
  [[], false],
  ["support", false],
  [undefined, false],
])("roles %j are staff: %j", (roles, staff) => {
  expect(isStaff({ claims: { roles } })).toBe(staff);
});
