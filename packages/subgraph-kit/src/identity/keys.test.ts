import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  anonymous,
  createIdentityIssuer,
  createIdentityVerifier,
  createKeySet,
  type IdentityIssuer,
  type KeySet,
} from "./index.ts";

let folder: string;
let file: string;
let keySets: KeySet[] = [];
let servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keys-"));
  file = join(folder, "jwks.json");
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const keys of keySets) keys.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  [keySets, servers] = [[], []];
  await rm(folder, { recursive: true });
});

/** A verifier of a source's keys, and what was told of them. */
function open(source: string, known: KeySet | null = null) {
  const troubles: (string | null)[] = [];
  const keys = createKeySet(source, {
    known: known?.current() ?? null,
    onTrouble: (trouble) => void troubles.push(trouble?.message ?? null),
  });
  keySets.push(keys);
  const verify = createIdentityVerifier({ keys, audience: "order" });
  const isTaken = async (issuer: IdentityIssuer) => {
    const header = `Bearer ${await issuer.issue({ ...anonymous }, "order")}`;
    return verify(header).then(
      () => true,
      (error: { reason: string }) => error.reason,
    );
  };
  return { keys, troubles, isTaken };
}

/** A server of keys whose answers can be changed. */
async function serve(listener: RequestListener) {
  const state = { listener, reads: 0 };
  const server = createServer((request, response) => {
    state.reads++;
    response.setHeader("connection", "close");
    state.listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}/jwks.json` });
}

const sends =
  (...issuers: readonly IdentityIssuer[]): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify({ keys: issuers.flatMap(({ jwks }) => jwks.keys) }));

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

describe("keys of a URL", () => {
  test.each<[string, RequestListener]>([
    ["is down", (request) => request.socket.destroy()],
    ["answers with an error", (_, response) => void response.writeHead(500).end()],
    ["answers with what is no JSON", (_, response) => void response.end("<html>")],
    ["answers with what are no keys", (_, response) => void response.end('{"keys":1}')],
  ])("are kept for however long it %s, and are new as soon as it is well", async (_, fails) => {
    const [before, after] = [await createIdentityIssuer(), await createIdentityIssuer()];
    const server = await serve(sends(before));
    const { isTaken, troubles, keys } = open(server.url);
    expect(await isTaken(before)).toBe(true);

    // Keys were dropped after ten minutes, and everybody was locked out.
    server.listener = fails;
    for (let hour = 0; hour < 3; hour++) {
      await minutes(60);
      await vi.waitFor(() => expect(troubles).toHaveLength(1));
      expect(await isTaken(before)).toBe(true);
    }
    expect(troubles).toEqual([expect.stringContaining(`${server.url} cannot be read`)]);
    // It may be one that cannot be read: that is not the token's fault.
    expect(await isTaken(after)).toBe("keys-unavailable");

    server.listener = sends(after);
    await minutes(1);
    await vi.waitFor(() => expect(troubles.at(-1)).toBeNull());
    expect(await isTaken(after)).toBe(true);
    expect(await isTaken(before)).toBe("key");
    expect(keys.current()).toEqual(after.jwks);
  });

  test("that were withdrawn are taken no more after some minutes, though nobody asks for others", async () => {
    const issuer = await createIdentityIssuer();
    const server = await serve(sends(issuer));
    const { isTaken, keys } = open(server.url);
    expect(await isTaken(issuer)).toBe(true);
    server.listener = sends();
    await minutes(6);
    await vi.waitFor(() => expect(keys.current()).toEqual({ keys: [] }));
    expect(await isTaken(issuer)).toBe("key");
  });

  test("are not read more often for tokens of unknown keys, neither when it is well nor when it is down", async () => {
    const [known, unknown] = [await createIdentityIssuer(), await createIdentityIssuer()];
    const server = await serve(sends(known));
    const { isTaken } = open(server.url);
    expect(await isTaken(known)).toBe(true);
    for (let count = 0; count < 20; count++) expect(await isTaken(unknown)).toBe("key");
    expect(server.reads).toBe(1);
    server.listener = (request) => request.socket.destroy();
    vi.advanceTimersByTime(5_000);
    for (let count = 0; count < 20; count++) expect(await isTaken(unknown)).toBe("keys-unavailable");
    expect(server.reads).toBe(2);
  });

  test("that were never read are read as soon as they can be, whether anybody asks or not", async () => {
    const issuer = await createIdentityIssuer();
    const server = await serve((_, response) => void response.writeHead(503).end());
    const { isTaken, keys, troubles } = open(`${server.url}?secret`);
    expect((await keys.load())?.message).toContain("cannot be read");
    expect(troubles.join()).not.toContain("secret");
    expect(await isTaken(issuer)).toBe("keys-unavailable");
    expect(keys.current()).toBeNull();
    server.listener = sends(issuer);
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.waitFor(() => expect(keys.current()).toEqual(issuer.jwks));
  });

  test("that another process read are used while they cannot be read here", async () => {
    const issuer = await createIdentityIssuer();
    const server = await serve(sends(issuer));
    const first = open(server.url);
    expect(await first.keys.load()).toBeNull();
    server.listener = (request) => request.socket.destroy();
    const second = open(server.url, first.keys);
    expect(await second.keys.load()).not.toBeNull();
    expect(await second.isTaken(issuer)).toBe(true);
  });
});

describe("keys of a file", () => {
  test("are read again for a key that it did not have", async () => {
    const [before, after] = [await createIdentityIssuer(), await createIdentityIssuer()];
    await writeFile(file, JSON.stringify(before.jwks));
    const { isTaken } = open(file);
    expect(await isTaken(before)).toBe(true);
    await writeFile(file, JSON.stringify({ keys: [...before.jwks.keys, ...after.jwks.keys] }));
    vi.advanceTimersByTime(6_000);
    expect(await isTaken(after)).toBe(true);
  });

  test("are kept while it is gone, or half written", async () => {
    const issuer = await createIdentityIssuer();
    await writeFile(file, JSON.stringify(issuer.jwks));
    const { isTaken, troubles } = open(file);
    expect(await isTaken(issuer)).toBe(true);
    await writeFile(file, '{"keys":[');
    await minutes(10);
    await vi.waitFor(() => expect(troubles).toHaveLength(1));
    expect(await isTaken(issuer)).toBe(true);
  });

  test.each([
    ["is missing", null, "cannot be read: ENOENT"],
    ["is no JSON", "{", "is not JSON"],
    ["is empty", "", "is not JSON"],
    ["is a list", "[]", "is no JSON Web Key Set"],
    ["has keys that are none", '{"keys":["a"]}', "is no JSON Web Key Set"],
    ["has no keys", '{"keys":[]}', "holds no keys"],
  ])("that %s are told what is wrong", async (_, text, message) => {
    if (text !== null) await writeFile(file, text);
    expect((await open(file).keys.load())?.message).toContain(`${file} ${message}`);
  });

  test("that are no keys at all are the verifier's trouble, and not the token's", async () => {
    const issuer = await createIdentityIssuer();
    const [{ kid }] = issuer.jwks.keys as [{ kid: string }];
    await writeFile(file, JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", alg: "EdDSA", kid }] }));
    expect(await open(file).isTaken(issuer)).toBe("keys-unavailable");
  });
});
