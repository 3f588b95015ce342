import { expect, test } from "vitest";
import { releaseResult, resultBytes, stringifyResult, stringifyResultToBytes } from "./stringify-result.ts";
import { createTextData, textOfData } from "./text-data.ts";

const TEXT = '{"b":1.0,"a":{"list":[1,{"c":"\\u00e9"}]},"__proto__":"own"}';

function dataOf(text: string) {
  return createTextData(Buffer.from(`{"data":${text}}\n`));
}

test("data goes into the response as its text, untouched", () => {
  const result = { data: dataOf(TEXT), extensions: { cost: 1 } };
  expect(stringifyResult(result)).toBe(`{"data":${TEXT},"extensions":{"cost":1}}\n`);
  expect(stringifyResult({ errors: [{ message: "no" }], data: dataOf(TEXT) })).toBe(
    `{"errors":[{"message":"no"}],"data":${TEXT}}\n`,
  );
});

test("a response without text is written as JSON.stringify writes it", () => {
  expect(stringifyResult({ data: { a: 1 } })).toBe('{"data":{"a":1}}\n');
  expect(stringifyResult({ data: null, errors: [{ message: "no" }] })).toBe(
    '{"data":null,"errors":[{"message":"no"}]}\n',
  );
});

test("a response that was written reads on, and is written the same again", () => {
  const result = { data: dataOf(TEXT) };
  const written = stringifyResult(result);
  expect(stringifyResult(result)).toBe(written);
  expect(resultBytes(result).toString()).toBe(written);
  releaseResult(result);
  expect(result.data.b).toBe(1);
  expect(JSON.parse(stringifyResult(result))).toEqual(JSON.parse(written));
});

test("bytes in place of text are the same", () => {
  for (const data of [dataOf(TEXT), { a: "é" }, null]) {
    const bytes: unknown = stringifyResultToBytes({ data });
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(String(bytes)).toBe(stringifyResult({ data }));
  }
});

test("data reads as the object that its text tells of", () => {
  const data = dataOf(TEXT);
  expect(Object.keys(data)).toEqual(["b", "a", "__proto__"]);
  expect({ ...data }.a).toEqual({ list: [1, { c: "é" }] });
  expect("b" in data).toBe(true);
  expect("c" in data).toBe(false);
  expect(JSON.stringify(data)).toBe(JSON.stringify(JSON.parse(TEXT)));
  expect(structuredClone({ ...data })).toEqual(JSON.parse(TEXT));
});

test("what a plugin changes inside is what is sent", () => {
  const data = dataOf(TEXT);
  (data.a as { list: number[] }).list.push(2);
  expect(textOfData(data)).toBeUndefined();
  expect(stringifyResult({ data })).toContain('"list":[1,{"c":"é"},2]');

  const other = dataOf(TEXT);
  other.b = 7;
  delete other.a;
  expect(JSON.parse(stringifyResult({ data: other }))).toEqual({
    data: JSON.parse('{"b":7,"__proto__":"own"}'),
  });
});

test("data of a response that was sent is nobody's to look at, as its memory is another's by then", () => {
  const data = dataOf(TEXT);
  expect(resultBytes({ data }).toString()).toBe(`{"data":${TEXT}}\n`);
  releaseResult({ data });
  expect(() => data.a).toThrow("after it had been sent");
  expect(() => JSON.stringify(data)).toThrow("after it had been sent");
  expect(() => stringifyResult({ data })).toThrow("after it had been sent");
  // What was looked at before is an object of its own.
  const seen = dataOf(TEXT);
  expect(seen.b).toBe(1);
  releaseResult({ data: seen });
  expect(seen.b).toBe(1);
});
