import { parse } from "graphql";
import { expect, test } from "vitest";
import { readLinks } from "./link.ts";

const auth = "https://specs.apollo.dev/authenticated";

test.each([
  ["by its feature's name", `@link(url: "${auth}/v0.1")`, "authenticated"],
  ["by the name that its feature is given", `@link(url: "${auth}/v0.1", as: "a")`, "a"],
  ["by its feature's prefix", `@link(url: "${auth}/v0.1")`, "authenticated__authenticated"],
  ["imported", `@link(url: "${auth}/v0.1", as: "x", import: ["@authenticated"])`, "authenticated"],
  [
    "imported under another name",
    `@link(url: "${auth}/v0.1", import: [{ name: "@authenticated", as: "@a" }])`,
    "a",
  ],
  [
    "with an import of a type before it",
    `@link(url: "${auth}/v0.1", import: ["T", "@authenticated"])`,
    "authenticated",
  ],
  ["of a URL without a version", `@link(url: "${auth}")`, "authenticated"],
  ["of a URL that ends with a slash", `@link(url: "${auth}/v1/")`, "authenticated"],
  [
    "linked by a link that is called otherwise",
    `@l(url: "https://specs.apollo.dev/link/v1.0", as: "l") @l(url: "${auth}/v0.1")`,
    "authenticated",
  ],
])("a directive is known %s", (_, links, name) => {
  for (const definition of [`schema ${links} { query: Q }`, `extend schema ${links}`]) {
    expect(readLinks(parse(definition))(name)).toEqual({ feature: auth, name: "authenticated" });
  }
});

test.each([
  ["that nothing links", `@link(url: "${auth}/v0.1")`, "policy"],
  ["of another feature's prefix", `@link(url: "${auth}/v0.1", as: "a")`, "authenticated"],
  ["whose link is none", `@other(url: "${auth}/v0.1")`, "authenticated"],
  ["whose link has no URL", `@link(as: "authenticated")`, "authenticated"],
])("a directive %s is nobody's", (_, links, name) => {
  expect(readLinks(parse(`extend schema ${links}`))(name)).toBeNull();
});
