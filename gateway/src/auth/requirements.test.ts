import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import { EnforcementError, requireEnforcement } from "./enforcement.ts";
import { PoliciesError, readPolicies } from "./policies.ts";
import { type DirectiveNames, readRequirements, RequirementError } from "./requirements.ts";

const names: DirectiveNames = new Map([
  ["signedIn", "authenticated"],
  ["requiresScopes", "requiresScopes"],
  ["policy", "policy"],
]);
const read = (sdl: string) => readRequirements(parse(sdl), names);

describe("requirements", () => {
  test("are read from objects, interfaces, scalars, enums and fields, under the names they go by", () => {
    const { all, ofTypes, ofFields } = read(`
      type A @signedIn { f: Int @requiresScopes(scopes: [["x"]]) g: Int @authenticated }
      interface I @policy(policies: [["p", "q"], ["r"]]) { f: Int @requiresScopes(scopes: [["x"]]) }
      scalar S @signedIn
      enum E @signedIn { V }
    `);
    expect(all).toEqual([
      { kind: "authenticated" },
      { kind: "scopes", anyOf: [["x"]] },
      { kind: "policies", anyOf: [["p", "q"], ["r"]] },
    ]);
    expect(Object.fromEntries(ofTypes)).toEqual({ A: [0], I: [2], S: [0], E: [0] });
    expect(Object.fromEntries(ofFields)).toEqual({ "A.f": [1], "I.f": [1] });
  });

  test("of one element must all hold, also where an extension adds one", () => {
    const { ofTypes } = read(`type A @signedIn { f: Int } extend type A @policy(policies: "p")`);
    expect(ofTypes.get("A")).toEqual([0, 1]);
  });

  test.each([
    "@requiresScopes",
    "@requiresScopes(scopes: 1)",
    "@requiresScopes(scopes: [[1]])",
    "@policy(scopes: [])",
  ])("that cannot be understood are refused: %s", (directive) => {
    expect(() => read(`type A ${directive} { f: Int }`)).toThrow(RequirementError);
  });

  test.each([
    "type A { f(a: Int @signedIn): Int }",
    "union U @signedIn = A",
    "input I { a: Int @signedIn }",
    "enum E { V @signedIn }",
    "schema @signedIn { query: Q }",
  ])("where nothing would check them are refused, instead of passed over: %s", (sdl) => {
    expect(() => read(sdl)).toThrow(/@signedIn stands on an element where it is not enforced/);
  });
});

describe("a supergraph is refused", () => {
  const enforce = (sdl: string, identifiesCallers: boolean, policies: string | null = null) =>
    requireEnforcement(parse(sdl), names, { identifiesCallers, policies: readPolicies(policies) });
  const guarded = `type A { f: Int @signedIn g: Int @policy(policies: [["staff", "night"]]) }`;

  test("with directives that nothing enforces: they and the flags are named", () => {
    expect(() => enforce(guarded, false)).toThrow(EnforcementError);
    expect(() => enforce(guarded, false)).toThrow(/@signedIn on A\.f.*--issuer, --audience and --jwks/s);
  });

  test("with policies that are not defined: they and the flag are named", () => {
    const staff = '{ "staff": { "claim": "roles", "anyOf": ["x"] } }';
    expect(() => enforce(guarded, true, staff)).toThrow(/"night".*--policies/s);
    expect(() => enforce(guarded, true, staff)).not.toThrow(/"staff"/);
  });

  test("not where nothing needs enforcing", () => {
    expect(enforce(`type A { f: Int }`, false).all).toEqual([]);
  });
});

describe("policies", () => {
  const policies = readPolicies(`{
    "staff": { "claim": "roles", "anyOf": ["support", "finance"] },
    "adult": { "claim": "adult", "anyOf": [true] }
  }`);

  test.each([
    ["staff", { roles: ["clerk", "finance"] }, true],
    ["staff", { roles: "support" }, true],
    ["staff", { roles: ["clerk"] }, false],
    ["staff", { roles: null }, false],
    ["staff", { roles: { support: true } }, false],
    ["staff", {}, false],
    ["adult", { adult: true }, true],
    ["adult", { adult: "true" }, false],
    ["unknown", { roles: ["support"] }, false],
    ["constructor", {}, false],
  ])("%s with %j is %s", (name, claims, allowed) => {
    expect(policies.allows(name, claims)).toBe(allowed);
  });

  test.each([
    "{",
    "[]",
    '{ "a": {} }',
    '{ "a": { "claim": "x", "anyOf": [] } }',
    '{ "a": { "claim": "x", "anyOf": ["y"], "not": 1 } }',
  ])("with faults are refused: %s", (text) => {
    expect(() => readPolicies(text)).toThrow(PoliciesError);
  });
});
