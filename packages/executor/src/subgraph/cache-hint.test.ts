import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import { restrictCachePolicy } from "./cache-hint.ts";

// Apollo Gateway reads the header by this, and takes from it what `expected` takes.
const { parseCacheControlHeader } = createRequire(import.meta.url)(
  "@apollo/gateway/dist/datasources/parseCacheControlHeader",
) as { parseCacheControlHeader: (header: string | undefined) => Record<string, string | true> };

function expected(header: string | undefined): object {
  const { "max-age": maxAge, private: isPrivate, public: isPublic } = parseCacheControlHeader(header);
  return {
    maxAge: typeof maxAge === "string" && /^\d+$/.test(maxAge) ? Number(maxAge) : 0,
    ...(isPrivate === true ? { scope: "PRIVATE" } : {}),
    ...(isPublic === true ? { scope: "PUBLIC" } : {}),
  };
}

function hintOf(header: string | undefined): object[] {
  const restricted: object[] = [];
  const overallCachePolicy = { restrict: (hint: object) => restricted.push(hint) };
  restrictCachePolicy({ overallCachePolicy } as never, header);
  return restricted;
}

const directive = fc.constantFrom(
  "max-age=60",
  "max-age = 7",
  'max-age="5"',
  "max-age=0",
  "max-age=-1",
  "max-age",
  "s-maxage=9",
  "public",
  "private",
  "no-store",
  " ",
);

test("a subgraph's cache-control counts as it does with Apollo Gateway, again and again", () => {
  fc.assert(
    fc.property(fc.option(fc.array(directive, { maxLength: 4 }), { nil: undefined }), (directives) => {
      const header = directives?.join(", ");
      expect(hintOf(header)).toEqual([expected(header)]);
      expect(hintOf(header)).toEqual([expected(header)]);
    }),
  );
});

test("a request without a cache policy is left alone", () => {
  expect(() => restrictCachePolicy({} as never, "max-age=1")).not.toThrow();
});
