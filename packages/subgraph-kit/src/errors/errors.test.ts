import { readFile } from "node:fs/promises";
import { GraphQLError, locatedError } from "graphql";
import { expect, test } from "vitest";
import { errorCodes } from "./codes.ts";
import { renderErrorDocs } from "./docs.ts";
import { codedError, codeOf, isCodedError, pageSizeOutOfRange, unauthenticated } from "./index.ts";

const docs = await readFile(new URL("../../../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md lists exactly the codes that exist", () => {
  const listed = [...docs.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(listed).toEqual(Object.keys(errorCodes));
});

test("docs/errors.md is what the table gives", () => {
  expect(docs).toBe(renderErrorDocs());
});

test("the table cannot be changed at run time", () => {
  expect(() => Object.assign(errorCodes, { NEW: {} })).toThrow(TypeError);
  expect(() => Object.assign(errorCodes.FORBIDDEN, { meaning: "" })).toThrow(TypeError);
});

test("an error made on purpose is known again after graphql-js has located it", () => {
  const error = pageSizeOutOfRange(101, 1, 100);
  expect(isCodedError(error)).toBe(true);
  expect(isCodedError(locatedError(error, undefined, ["customers"]))).toBe(true);
  expect(isCodedError(new GraphQLError("x", { originalError: error }))).toBe(true);
});

test("a look-alike is not an error made on purpose", () => {
  expect(isCodedError(new GraphQLError("x", { extensions: { code: "FORBIDDEN" } }))).toBe(false);
  expect(isCodedError(new Error("connect ECONNREFUSED"))).toBe(false);
  expect(isCodedError(undefined)).toBe(false);
});

test("a cause stays out of what is sent", () => {
  const error = codedError("FORBIDDEN", "No.", { cause: new Error("select * from secret") });
  expect(JSON.stringify(error)).not.toContain("secret");
  expect(error.originalError?.message).toContain("secret");
});

test("a code that is not in the table counts as an internal error", () => {
  expect(codeOf(new GraphQLError("x", { extensions: { code: "P2002" } }))).toBe("INTERNAL_SERVER_ERROR");
  expect(codeOf(unauthenticated())).toBe("UNAUTHENTICATED");
});

test("an unauthenticated request answers HTTP 401", () => {
  expect(unauthenticated().extensions).toEqual({ code: "UNAUTHENTICATED", http: { status: 401 } });
});
