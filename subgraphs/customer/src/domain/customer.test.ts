import { describe, expect, test } from "vitest";
import { creditOf, HeldCurrencyError } from "./credit.ts";
import { changeCreditLimit, reinstate, suspend, type CustomerStatus } from "./customer.ts";

const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });
const customer = (status: CustomerStatus) => ({ status, creditLimit: usd(100) });
const refused = (state: CustomerStatus) => ({ refusal: { kind: "ILLEGAL_STATE", state } });

describe("the states of a customer", () => {
  test.each([
    ["ACTIVE", { change: { status: "SUSPENDED", suspensionReason: "late" } }],
    ["SUSPENDED", refused("SUSPENDED")],
    ["CLOSED", refused("CLOSED")],
  ] as const)("suspending one who is %s", (status, decision) => {
    expect(suspend(customer(status), "late")).toMatchObject(decision);
  });

  test.each([
    ["ACTIVE", refused("ACTIVE")],
    ["SUSPENDED", { change: { status: "ACTIVE", suspensionReason: null } }],
    ["CLOSED", refused("CLOSED")],
  ] as const)("reinstating one who is %s", (status, decision) => {
    expect(reinstate(customer(status))).toMatchObject(decision);
  });

  test.each([
    ["ACTIVE", { change: { creditLimit: usd(0) } }],
    ["SUSPENDED", { change: { creditLimit: usd(0) } }],
    ["CLOSED", refused("CLOSED")],
  ] as const)("changing the limit of one who is %s", (status, decision) => {
    expect(changeCreditLimit(customer(status), usd(0))).toMatchObject(decision);
  });

  test("a limit stays in its currency", () => {
    expect(changeCreditLimit(customer("ACTIVE"), { amountMinor: 1, currency: "EUR" })).toEqual({
      refusal: { kind: "FOREIGN_CURRENCY", expected: "USD", actual: "EUR" },
    });
  });
});

describe("credit", () => {
  test.each([
    ["nothing is held", [], [0, 100]],
    ["some is held", [usd(30)], [30, 70]],
    ["more is held than the limit allows", [usd(130)], [130, -30]],
  ] as const)("where %s", (_what, held, [sum, available]) => {
    expect(creditOf(usd(100), held)).toEqual({ held: usd(sum), available: usd(available) });
  });

  test("in two currencies never adds up", () => {
    expect(() => creditOf(usd(100), [usd(1), { amountMinor: 1, currency: "EUR" }])).toThrow(
      HeldCurrencyError,
    );
  });
});
