import { parse } from "graphql";
import { expect, test } from "vitest";
import { readLinkedDirectives } from "./linked-directives.ts";

const policy = "https://specs.apollo.dev/policy/v0.1";
const read = (links: string, directive: string) =>
  readLinkedDirectives(parse(`schema ${links} { query: Q } type Q { f: Int ${directive} }`), { policy });

test.each([
  ["by its own name", `@link(url: "${policy}", for: SECURITY)`, "@policy"],
  ["with a slash at the end", `@link(url: "${policy}/")`, "@policy"],
  ["renamed", `@link(url: "${policy}", as: "rule")`, "@rule"],
  ["imported", `@link(url: "${policy}", import: ["@policy"])`, "@policy"],
  ["imported under another name", `@link(url: "${policy}", import: [{ name: "@policy", as: "@p" }])`, "@p"],
  [
    "imported, with its prefix nevertheless",
    `@link(url: "${policy}", import: [{ name: "@policy", as: "@p" }])`,
    "@policy",
  ],
  ["of federation", `@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@policy"])`, "@policy"],
  [
    "of federation, with its prefix",
    `@link(url: "https://specs.apollo.dev/federation/v2.9")`,
    "@federation__policy",
  ],
  [
    "of federation, renamed",
    `@link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed")`,
    "@fed__policy",
  ],
])("a directive counts by its identity: %s", (_, links, directive) => {
  expect(read(links, directive).get(directive.slice(1))).toBe("policy");
});

test.each([
  ["nothing links it", "", "@policy"],
  ["nothing links its prefix", "", "@federation__policy"],
  ["what it is linked as is another name", `@link(url: "${policy}", as: "rule")`, "@policy"],
])("a directive that nothing gives a meaning is refused: %s", (_, links, directive) => {
  expect(() => read(links, directive)).toThrow(`${directive} stands on Q.f, but no @link says what it means`);
});

test("a version that is not known is refused", () => {
  expect(() => read(`@link(url: "https://specs.apollo.dev/policy/v0.2")`, "")).toThrow("policy/v0.2");
});

test("another specification's directive of that name is none of ours", () => {
  const names = read(`@link(url: "https://example.com/insurance/v1.0", import: ["@policy"])`, "@policy");
  expect([...names]).toEqual([]);
});
