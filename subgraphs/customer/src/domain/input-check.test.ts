import { expect, test } from "vitest";
import { createInputCheck } from "./input-check.ts";

function checkEmail(value: string): unknown {
  const check = createInputCheck();
  const email = check.email("email", value);
  const result = check.result(email);
  return result.ok ? result.value : "refused";
}

test.each(["name@example.com", "a.b+c'd@sub.example.co", "x@localhost", " padded@example.com "])(
  "%j is an e-mail address",
  (value) => {
    expect(checkEmail(value)).toBe(value.trim());
  },
);

test.each([
  "name",
  "@example.com",
  "name@",
  "a b@example.com",
  "a@b@c",
  "a@-b.com",
  "ä@example.com",
  "a@b..c",
  "a@example.com\nx",
])("%j is no e-mail address", (value) => {
  expect(checkEmail(value)).toBe("refused");
});

test("an e-mail address may be as long as a mail server takes it, and no longer", () => {
  const domain = `${"d".repeat(60)}.${"d".repeat(60)}.com`;
  const local = "l".repeat(254 - domain.length - 1);
  expect(checkEmail(`${local}@${domain}`)).toBe(`${local}@${domain}`);
  expect(checkEmail(`l${local}@${domain}`)).toBe("refused");
});

test("texts may be as long as is said, after trimming", () => {
  const check = createInputCheck();
  check.text("fits", ` ${"x".repeat(5)} `, 5);
  check.text("long", "x".repeat(6), 5);
  expect(check.result(null)).toEqual({
    ok: false,
    faults: [{ path: "long", message: "must be at most 5 characters" }],
  });
});

test("what PostgreSQL cannot store is refused wherever text is taken", () => {
  const check = createInputCheck();
  check.text("half", "a\udc00", 5);
  check.optionalText("nul", "a\0", 5);
  check.key("\ud800");
  expect(check.result(null)).toMatchObject({
    faults: [{ path: "half" }, { path: "nul" }, { path: "idempotencyKey" }],
  });
});

test("the bounds of keys, versions and limits belong to what is taken", () => {
  const check = createInputCheck();
  check.key("k");
  check.key("k".repeat(255));
  check.version(1);
  expect(check.limit("creditLimit", { amountMinor: 0, currency: "EUR" })).toEqual({
    amountMinor: 0,
    currency: "EUR",
  });
  expect(check.result("fine")).toEqual({ ok: true, value: "fine" });
});
