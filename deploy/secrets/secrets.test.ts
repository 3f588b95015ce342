import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createIdentityKey,
  createIdentityVerifier,
  createIdentityIssuer,
  createKeySet,
} from "@tributary/subgraph-kit/identity";
import { CONTEXTS } from "@tributary/channels/contexts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { makeSecrets } from "./secrets.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "tributary-secrets-"));
  for (const name of ["database", ...CONTEXTS, "broker", "gateway", "issuer", "public"]) {
    mkdirSync(path.join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = (trialIssuer = true) => makeSecrets({ folder, databaseHost: "database:5432", trialIssuer });
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
const publicKeys = (name: string) =>
  JSON.parse(read(`public/${name}.jwks.json`)) as { keys: Record<string, string>[] };

describe("the secrets of a deployment", () => {
  test("are made once, and are the same after every later start", async () => {
    const made = await make();
    const before = made.map(read);
    expect(made).toHaveLength(10);
    expect(await make()).toEqual([]);
    expect(made.map(read)).toEqual(before);
  });

  test("give each context and the broker a role, a database and a password of its own", async () => {
    await make();
    const urls = CONTEXTS.map((context) => new URL(read(`${context}/database-url`)));
    expect(urls.map(({ username, host, pathname }) => `${username}@${host}${pathname}`)).toEqual([
      "customer@database:5432/customer",
      "order@database:5432/order",
      "payment@database:5432/payment",
      "history@database:5432/history",
    ]);
    const broker = new URL(read("broker/broker-url"));
    expect(`${broker.username}@${broker.host}${broker.pathname}`).toBe("broker@database:5432/broker");
    const passwords = [...urls, broker].map(({ password }) => password);
    passwords.push(read("database/superuser-password"));
    expect(new Set(passwords).size).toBe(6);
    for (const password of passwords) expect(password).toMatch(/^[\w-]{43}$/);
  });

  test("can be read by their owner alone, but for the database's and the public keys", async () => {
    const modes = Object.fromEntries(
      (await make()).map((file) => [file, (statSync(path.join(folder, file)).mode & 0o777).toString(8)]),
    );
    expect(modes).toEqual({
      "database/superuser-password": "444",
      "customer/database-url": "400",
      "order/database-url": "400",
      "payment/database-url": "400",
      "history/database-url": "400",
      "broker/broker-url": "400",
      "gateway/identity.jwk.json": "400",
      "public/gateway.jwks.json": "444",
      "issuer/issuer.jwk.json": "400",
      "public/issuer.jwks.json": "444",
    });
  });

  test("let subgraphs verify what the gateway signs, and publish no private key", async () => {
    await make();
    const privateKey = JSON.parse(read("gateway/identity.jwk.json")) as Awaited<
      ReturnType<typeof createIdentityKey>
    >;
    const issuer = await createIdentityIssuer({ privateKey });
    const token = await issuer.issue({ subject: "someone", scopes: new Set(), claims: {} }, "order");
    const verify = createIdentityVerifier({
      audience: "order",
      keys: createKeySet(path.join(folder, "public/gateway.jwks.json")),
    });
    await expect(verify(`Bearer ${token}`)).resolves.toMatchObject({ subject: "someone" });
    for (const name of ["gateway", "issuer"]) expect(publicKeys(name).keys[0]).not.toHaveProperty("d");
  });

  test("trust the new key alone when the gateway's was replaced", async () => {
    await make();
    const old = publicKeys("gateway").keys[0]?.["kid"];
    const key = await createIdentityKey();
    chmodSync(path.join(folder, "gateway/identity.jwk.json"), 0o600);
    writeFileSync(path.join(folder, "gateway/identity.jwk.json"), JSON.stringify(key));
    expect(await make()).toEqual(["public/gateway.jwks.json"]);
    expect(publicKeys("gateway").keys.map(({ kid }) => kid)).toEqual([key.kid]);
    expect(key.kid).not.toBe(old);
  });

  test("lose the trial's issuer, key and public key, once an identity provider is named", async () => {
    await make();
    await make(false);
    expect(() => read("issuer/issuer.jwk.json")).toThrow(/ENOENT/);
    expect(() => read("public/issuer.jwks.json")).toThrow(/ENOENT/);
    expect(publicKeys("gateway").keys).toHaveLength(1);
  });

  test("say which volume cannot be written", async () => {
    rmSync(path.join(folder, "order"), { recursive: true });
    await expect(make()).rejects.toThrow(/order\/database-url cannot be written \(ENOENT\)/);
  });
});

describe("where clients' tokens come from", () => {
  const base = { SECRETS_FOLDER: "/secrets", DATABASE_HOST: "database:5432" };
  const external = {
    GATEWAY_ISSUER: "https://id.example",
    GATEWAY_AUDIENCE: "api",
    GATEWAY_JWKS: "https://id.example/jwks",
  };

  test("is the trial's issuer where nothing is said, and the identity provider where one is named", () => {
    expect(readConfig(base).trialIssuer).toBe(true);
    expect(readConfig({ ...base, GATEWAY_ISSUER: "", NODE_ENV: "" }).trialIssuer).toBe(true);
    expect(readConfig({ ...base, ...external }).trialIssuer).toBe(false);
    expect(readConfig({ ...base, ...external, NODE_ENV: "production" }).trialIssuer).toBe(false);
  });

  test("is never the trial's issuer in production", () => {
    expect(() => readConfig({ ...base, NODE_ENV: "production" })).toThrow(/NODE_ENV: is production/);
  });

  test("is not half an identity provider: each setting that is missing is named", () => {
    expect(() => readConfig({ ...base, GATEWAY_AUDIENCE: "api" })).toThrow(
      /- GATEWAY_ISSUER: .*\n.*- GATEWAY_JWKS: /,
    );
  });
});
