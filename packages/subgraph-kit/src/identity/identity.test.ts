import { CompactSign, decodeJwt, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  anonymous,
  bearerChallenge,
  createIdentityIssuer,
  createIdentityKey,
  createIdentityVerifier,
  createKeySet,
  createTokenVerifier,
  hasSeveralAuthorizations,
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
  const verify = createIdentityVerifier({ keys: createKeySet(issuer.jwks), audience: "order" });
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
    const verify = createIdentityVerifier({ keys: createKeySet(other.jwks), audience: "order" });
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
      keys: createKeySet({ keys: [await publicIdentityKey(privateKey)] }),
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

describe("a claim that is no value of its kind is refused:", () => {
  // What a signer of our own would not write: JSON has numbers beyond those that a time can have.
  const sign = async (payload: string) => {
    const privateKey = await createIdentityKey();
    const token = await new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: "EdDSA", kid: privateKey.kid! })
      .sign(await importJWK(privateKey, "EdDSA"));
    const keys = createKeySet({ keys: [await publicIdentityKey(privateKey)] });
    const options = { keys, audience: "order", issuer: "i" };
    return { token, verify: createIdentityVerifier(options), options };
  };
  const claims = (more: string) => `{"iss":"i","aud":"order","exp":9999999999${more}}`;

  test.each([
    ["exp that is never", claims("").replace("9999999999", "1e400")],
    ["exp after the last moment that there is", claims("").replace("9999999999", "1e300")],
    ["exp in a text", claims("").replace("9999999999", '"9999999999"')],
    ["exp before all time", claims("").replace("9999999999", "-1e400")],
    ["nbf before all time", claims(',"nbf":-1e400')],
    ["iat after all time", claims(',"iat":1e400')],
    ["sub that is a number", claims(',"sub":7')],
    ["sub that is empty", claims(',"sub":""')],
    ["sub of spaces", claims(',"sub":" "')],
    ["sub that is null", claims(',"sub":null')],
    ["sub that is a list", claims(',"sub":["anna"]')],
    ["sub that is true", claims(',"sub":true')],
  ])("%s", async (_, payload) => {
    const { token, verify, options } = await sign(payload);
    await expect(verify(`Bearer ${token}`)).rejects.toMatchObject({
      reason: expect.stringMatching(/claims|expired/),
    });
    // As the gateway takes a user's.
    const verifyToken = createTokenVerifier({ ...options, algorithms: ["EdDSA"], clockSkewSeconds: 0 });
    await expect(verifyToken(token).then(identityOfUserToken)).rejects.toMatchObject({
      name: "IdentityError",
    });
  });

  test("and one that is taken is taken as it is", async () => {
    const { token, verify } = await sign(claims(',"sub":"anna","nbf":1.5,"iat":0'));
    expect((await verify(`Bearer ${token}`)).subject).toBe("anna");
  });
});

test("a user's token needs one of the algorithms that are pinned", async () => {
  const issuer = await createIdentityIssuer();
  const verify = createTokenVerifier({
    keys: createKeySet(issuer.jwks),
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

test("a challenge says why, in the characters that it may hold, or names the scheme alone", () => {
  expect(bearerChallenge(null)).toBe("Bearer");
  expect(bearerChallenge("invalid_token", 'The "token"\n\\ has expired.')).toBe(
    'Bearer error="invalid_token", error_description="The token has expired."',
  );
});

test("several Authorization headers are seen, in whatever case, and one is one", () => {
  expect(hasSeveralAuthorizations(["Authorization", "a", "host", "b"])).toBe(false);
  expect(hasSeveralAuthorizations(["x", "authorization", "Authorization", "authorization"])).toBe(false);
  expect(hasSeveralAuthorizations(["Authorization", "a", "host", "b", "AUTHORIZATION", "a"])).toBe(true);
});
