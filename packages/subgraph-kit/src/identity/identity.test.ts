import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  anonymous,
  createIdentityIssuer,
  createIdentityKey,
  createIdentityVerifier,
  createTokenVerifier,
  type Identity,
  identityOfUserToken,
  parseBearer,
  publicIdentityKey,
} from "./index.ts";

const anna: Identity = identityOfUserToken({
  iss: "https://issuer.example",
  aud: "api",
  exp: 1,
  iat: 1,
  jti: "x",
  sub: "anna",
  scope: "order:read  payment:read",
  roles: ["support"],
});

async function wire() {
  const issuer = await createIdentityIssuer();
  const verify = createIdentityVerifier({ jwks: issuer.jwks, audience: "order" });
  return { issuer, verify };
}

afterEach(() => void vi.useRealTimers());

describe("from the gateway to a subgraph", () => {
  test("an identity arrives as it was", async () => {
    const { issuer, verify } = await wire();
    const identity = await verify(`Bearer ${await issuer.issue(anna, "order")}`);
    expect(identity.subject).toBe("anna");
    expect([...identity.scopes]).toEqual(["order:read", "payment:read"]);
    expect(identity.claims["roles"]).toEqual(["support"]);
    expect(identity.claims).not.toHaveProperty("iss");
    expect(identity.claims).not.toHaveProperty("exp");
  });

  test("somebody anonymous arrives with no subject and no scopes", async () => {
    const { issuer, verify } = await wire();
    const identity = await verify(`Bearer ${await issuer.issue(anonymous, "order")}`);
    expect(identity.subject).toBeNull();
    expect(identity.scopes.size).toBe(0);
  });

  test("a token is used again for half of its life, then made anew", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { issuer } = await wire();
    const first = await issuer.issue(anna, "order");
    vi.setSystemTime(Date.now() + 29_000);
    expect(await issuer.issue(anna, "order")).toBe(first);
    expect(await issuer.issue({ ...anna }, "order")).not.toBe(first);
    vi.setSystemTime(Date.now() + 2_000);
    const second = await issuer.issue(anna, "order");
    expect(second).not.toBe(first);
    const { iat, exp } = decodeJwt(second);
    expect(exp! - iat!).toBe(60);
  });

  test.each([
    ["missing", undefined],
    ["missing", ""],
    ["malformed", "Basic YTpi"],
    ["malformed", "Bearer a b"],
    ["malformed", "Bearer nonsense"],
  ])("a header is refused as %s: %s", async (reason, header) => {
    const { verify } = await wire();
    await expect(verify(header)).rejects.toMatchObject({ name: "IdentityError", reason });
  });

  test("a token for another subgraph is refused", async () => {
    const { issuer, verify } = await wire();
    await expect(verify(`Bearer ${await issuer.issue(anna, "payment")}`)).rejects.toMatchObject({
      reason: "audience",
    });
  });

  test("a token of another issuer with the same key is refused", async () => {
    const privateKey = await createIdentityKey();
    const other = await createIdentityIssuer({ privateKey, issuer: "somebody-else" });
    const verify = createIdentityVerifier({ jwks: other.jwks, audience: "order" });
    await expect(verify(`Bearer ${await other.issue(anna, "order")}`)).rejects.toMatchObject({
      reason: "issuer",
    });
  });

  test("a token signed with an unknown key is refused", async () => {
    const { verify } = await wire();
    const stranger = await createIdentityIssuer();
    await expect(verify(`Bearer ${await stranger.issue(anna, "order")}`)).rejects.toMatchObject({
      reason: "key",
    });
  });

  test("a token with somebody else's signature under a known key's name is refused", async () => {
    const { issuer, verify } = await wire();
    const privateKey = { ...(await createIdentityKey()), kid: issuer.jwks.keys[0]!.kid! };
    const forger = await createIdentityIssuer({ privateKey });
    await expect(verify(`Bearer ${await forger.issue(anna, "order")}`)).rejects.toMatchObject({
      reason: "signature",
    });
  });

  test("an expired token is refused, once the clocks' difference is over too", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { issuer, verify } = await wire();
    const header = `Bearer ${await issuer.issue(anna, "order")}`;
    vi.setSystemTime(Date.now() + 63_000);
    await verify(header);
    vi.setSystemTime(Date.now() + 5_000);
    await expect(verify(header)).rejects.toMatchObject({ reason: "expired" });
  });

  test("a token that never expires is refused", async () => {
    const privateKey = await createIdentityKey();
    const verify = createIdentityVerifier({
      jwks: { keys: [await publicIdentityKey(privateKey)] },
      audience: "order",
    });
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: "EdDSA", kid: privateKey.kid! })
      .setIssuer("tributary-gateway")
      .setAudience("order")
      .sign(await importJWK(privateKey, "EdDSA"));
    await expect(verify(`Bearer ${token}`)).rejects.toMatchObject({ reason: "claims" });
  });

  test("an unsigned token, and one signed with the public key as a secret, are refused", async () => {
    const { issuer, verify } = await wire();
    const unsigned = new UnsecuredJWT({})
      .setIssuer("tributary-gateway")
      .setAudience("order")
      .setExpirationTime("1h");
    await expect(verify(`Bearer ${unsigned.encode()}`)).rejects.toMatchObject({ name: "IdentityError" });
    const confused = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256", kid: issuer.jwks.keys[0]!.kid! })
      .setIssuer("tributary-gateway")
      .setAudience("order")
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(issuer.jwks.keys[0]!.x!.padEnd(64)));
    await expect(verify(`Bearer ${confused}`)).rejects.toMatchObject({ reason: "algorithm" });
  });

  test("the published keys hold no private part", async () => {
    const { issuer } = await wire();
    expect(Object.keys(issuer.jwks.keys[0]!).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
  });

  test("a public key is no issuer's key", async () => {
    const privateKey = await publicIdentityKey(await createIdentityKey());
    await expect(createIdentityIssuer({ privateKey })).rejects.toThrow("private Ed25519");
  });

  test("no message holds anything of the token", async () => {
    const { issuer, verify } = await wire();
    const token = await issuer.issue(anna, "payment");
    const error = await verify(`Bearer ${token}`).catch((caught: unknown) => caught as Error);
    for (const part of token.split(".")) expect((error as Error).message).not.toContain(part);
  });
});

describe("where keys come from", () => {
  test("a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "identity-"));
    try {
      const issuer = await createIdentityIssuer();
      const file = join(folder, "jwks.json");
      const verify = createIdentityVerifier({ jwks: file, audience: "order" });
      const header = `Bearer ${await issuer.issue(anna, "order")}`;
      await expect(verify(header)).rejects.toMatchObject({ reason: "keys-unavailable" });
      await writeFile(file, JSON.stringify(issuer.jwks));
      expect((await verify(header)).subject).toBe("anna");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a file is read again for a key that it did not have", async () => {
    const folder = await mkdtemp(join(tmpdir(), "identity-"));
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const [before, after] = [await createIdentityIssuer(), await createIdentityIssuer()];
      const file = join(folder, "jwks.json");
      await writeFile(file, JSON.stringify(before.jwks));
      const verify = createIdentityVerifier({ jwks: file, audience: "order" });
      await verify(`Bearer ${await before.issue(anna, "order")}`);
      await writeFile(file, JSON.stringify({ keys: [...before.jwks.keys, ...after.jwks.keys] }));
      vi.advanceTimersByTime(6_000);
      expect((await verify(`Bearer ${await after.issue(anna, "order")}`)).subject).toBe("anna");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a URL; while it is down the fault is not the token's", async () => {
    const issuer = await createIdentityIssuer();
    const server = createServer((_, response) => response.end(JSON.stringify(issuer.jwks)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const header = `Bearer ${await issuer.issue(anna, "order")}`;
    expect((await createIdentityVerifier({ jwks, audience: "order" })(header)).subject).toBe("anna");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(createIdentityVerifier({ jwks, audience: "order" })(header)).rejects.toMatchObject({
      reason: "keys-unavailable",
    });
  });
});

test("a user's token needs one of the algorithms that are pinned", async () => {
  const issuer = await createIdentityIssuer();
  const verify = createTokenVerifier({
    jwks: issuer.jwks,
    issuer: "tributary-gateway",
    audience: "order",
    algorithms: ["RS256"],
    clockSkewSeconds: 0,
  });
  await expect(verify(await issuer.issue(anna, "order"))).rejects.toMatchObject({ reason: "algorithm" });
});

test("a bearer token is read out of a header, whatever the case of the scheme", () => {
  expect(parseBearer("bearer abc.def.ghi")).toBe("abc.def.ghi");
  expect(parseBearer(undefined)).toBeNull();
});
