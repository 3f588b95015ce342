import { CurrencyResolver } from "graphql-scalars";
import { expect, test } from "vitest";
import { parseCurrency, requireCurrency } from "./currency.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
const codes = letters.flatMap((one) => letters.flatMap((two) => letters.map((three) => one + two + three)));
const exists = (code: string) => {
  try {
    CurrencyResolver.parseValue(code);
    return true;
  } catch {
    return false;
  }
};

test("each code is read in every case, and means the same", () => {
  const read = codes.filter((code) => parseCurrency(code) !== null);
  expect(read).toEqual(codes.filter(exists));
  expect(read.length).toBeGreaterThan(150);
  for (const code of read) {
    for (const written of [code, code.toLowerCase(), code[0] + code.slice(1).toLowerCase()])
      expect(parseCurrency(written)).toBe(code);
  }
});

test.each([
  "",
  "US",
  "USDD",
  "DOLLARS",
  "XQQ",
  " USD",
  "USD\n",
  "ＵＳＤ",
  "ıdr",
  "USſ",
  "toString",
  "__proto__",
])("%j is no currency", (text) => {
  expect(parseCurrency(text)).toBeNull();
  expect(() => requireCurrency(text)).toThrow(RangeError);
});
