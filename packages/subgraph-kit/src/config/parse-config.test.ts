import { expect, test } from "vitest";
import { ConfigError, parseConfig } from "./parse-config.ts";
import { subgraphSettings } from "./subgraph-settings.ts";

const least = { DATABASE_URL: "postgresql://role:secret@localhost/customer", IDENTITY_JWKS: "keys.json" };

function faultsOf(settings: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(subgraphSettings, settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test("what is not set has its default, and what is not known is left out", () => {
  expect(parseConfig(subgraphSettings, { ...least, HOME: "/home" })).toEqual({
    ...least,
    PORT: 0,
    HOST: "127.0.0.1",
    DATABASE_POOL_SIZE: 10,
    LOG_LEVEL: "info",
    BATCHING: "on",
    BODY_LIMIT_BYTES: 10_485_760,
    HEADERS_TIMEOUT_MS: 60_000,
    REQUEST_TIMEOUT_MS: 300_000,
  });
});

test("text becomes what the setting is", () => {
  const settings = {
    ...least,
    PORT: "65535",
    DATABASE_POOL_SIZE: "1",
    BATCHING: "off",
    BODY_LIMIT_BYTES: "1024",
  };
  expect(parseConfig(subgraphSettings, settings)).toMatchObject({
    PORT: 65_535,
    DATABASE_POOL_SIZE: 1,
    BATCHING: "off",
    BODY_LIMIT_BYTES: 1024,
  });
});

test("a setting that is empty is not set", () => {
  expect(parseConfig(subgraphSettings, { ...least, PORT: "", LOG_LEVEL: "" })).toMatchObject({
    PORT: 0,
    LOG_LEVEL: "info",
  });
  expect(faultsOf({ ...least, DATABASE_URL: "" })).toEqual(["DATABASE_URL: is required"]);
});

test("a configuration cannot be changed", () => {
  const config = parseConfig(subgraphSettings, least);
  expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
});

test("every fault is listed at once, by name, and no value is shown", () => {
  const settings = {
    PORT: "70000",
    DATABASE_URL: "mysql://role:secret@localhost",
    DATABASE_POOL_SIZE: "2.5",
    LOG_LEVEL: "loud",
    BATCHING: "yes",
    BODY_LIMIT_BYTES: "10MB",
  };
  const faults = faultsOf(settings);
  expect(faults.map((fault) => fault.replace(/:.*/, "")).toSorted()).toEqual(
    [...Object.keys(settings), "IDENTITY_JWKS"].toSorted(),
  );
  expect(faults.join()).not.toContain("secret");
});

test("a bound for heads beyond that for whole requests is refused", () => {
  const faults = faultsOf({ ...least, HEADERS_TIMEOUT_MS: "2000", REQUEST_TIMEOUT_MS: "1000" });
  expect(faults).toEqual([
    expect.stringMatching(/^HEADERS_TIMEOUT_MS: must not be more than REQUEST_TIMEOUT_MS/),
  ]);
});

test.each([
  ["PORT", "-1"],
  ["PORT", "80.5"],
  ["PORT", "http"],
  ["DATABASE_POOL_SIZE", "0"],
  ["DATABASE_POOL_SIZE", "1001"],
  ["DATABASE_URL", "localhost"],
  ["BODY_LIMIT_BYTES", "1023"],
])("%s=%s is a fault", (name, value) => {
  expect(faultsOf({ ...least, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}: must be `)),
  ]);
});

test("the message is fit to be printed", () => {
  expect(new ConfigError(["PORT: must be a port number"]).message).toBe(
    "The configuration has a fault:\n  - PORT: must be a port number",
  );
  expect(new ConfigError(["A: is required", "B: is required"]).message).toBe(
    "The configuration has 2 faults:\n  - A: is required\n  - B: is required",
  );
});
