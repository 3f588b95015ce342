import { readFile, rename, writeFile } from "node:fs/promises";
import { decodeProtectedHeader } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, isAlive, post, startCluster, startLoad } from "./gateway-cluster.fixture.ts";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type RunningSubgraph,
  startSubgraph,
} from "./gateway.fixture.ts";

const resolvers = { Query: { hello: () => "hi", bye: () => "bye" } };
const service = (fields: string) => ({ name: "s", sdl: `type Query { ${fields} }`, resolvers });

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let small: string;
let large: string;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service("hello: String bye: String"));
  small = compose([{ ...service("hello: String"), url: subgraph.url }]);
  large = compose([{ ...service("hello: String bye: String"), url: subgraph.url }]);
});
afterAll(async () => {
  await subgraph.stop();
  await folder.remove();
});

const clusters: Cluster[] = [];
afterEach(async () => {
  subgraph.misbehave = null;
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

let files = 0;
async function start(flags: readonly string[] = [], text = small) {
  const file = await folder.write(`supergraph-${files++}.graphql`, text);
  const cluster = await startCluster(["--supergraph", file, ...flags]);
  clusters.push(cluster);
  const replace = async (next: string) => {
    await writeFile(`${file}.new`, next);
    await rename(`${file}.new`, file);
  };
  return { cluster, file, replace };
}

/** What comes back on connections of their own, so that every worker has its turn. */
const answers = async (url: string, query: string) => {
  const texts = await Promise.all(Array.from({ length: 8 }, () => post(url, query)));
  return [...new Set(texts.map(({ text }) => text.trim()))];
};

/** A subgraph that keeps a request until it is let go. */
function holdSubgraph() {
  const arrived = Promise.withResolvers<void>();
  let release = () => {};
  subgraph.misbehave = (_, response) => {
    release = () => response.end('{"data":{"hello":"late"}}');
    arrived.resolve();
  };
  return {
    arrived: arrived.promise.then(() => (subgraph.misbehave = null)),
    release: () => release(),
  };
}

describe("a rolling restart", () => {
  test("puts a new process in the place of each, and not one request is lost", async () => {
    const { cluster } = await start();
    const before = cluster.pids();
    expect([...before.keys()].toSorted()).toEqual([1, 2]);
    const held = holdSubgraph();
    const slow = post(cluster.url, "{ hello }");
    await held.arrived;
    const load = startLoad(cluster.url, "{ hello }", { hello: "hi" });
    await cluster.after("all workers are new", async () => {
      await cluster.after("worker ready", () => cluster.signal("SIGHUP"));
      held.release();
    });
    expect(JSON.parse((await slow).text)).toEqual({ data: { hello: "late" } });
    const { answered } = load;
    expect(await load.stop()).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    const after = cluster.pids();
    expect([...after.keys()].toSorted()).toEqual([1, 2]);
    for (const [number, pid] of before) {
      expect(after.get(number)).not.toBe(pid);
      expect(isAlive(pid)).toBe(false);
      expect(isAlive(after.get(number)!)).toBe(true);
    }
    expect((await cluster.ready()).workers).toEqual({ wanted: 2, ready: 2 });
    // A new worker is ready for what the old ones were asked for.
    expect(cluster.log()).toContainEqual(
      expect.objectContaining({ worker: 1, msg: "operations made ready", ready: 1 }),
    );
  });

  test("reads files again, and is given up where a new worker cannot serve with them", async () => {
    const policies = await folder.write("policies.json", "{}");
    const { cluster } = await start(["--policies", policies]);
    const before = cluster.pids();
    await writeFile(policies, "nonsense");
    await cluster.after(
      "the restart is given up, as a new worker did not come to serve; the others go on",
      () => cluster.signal("SIGHUP"),
    );
    expect(cluster.pids()).toEqual(before);
    expect((await cluster.ready()).workers).toEqual({ wanted: 2, ready: 2 });
    expect(await answers(cluster.url, "{ hello }")).toEqual(['{"data":{"hello":"hi"}}']);

    // Who comes in the place of one that dies works with what was good.
    await cluster.after("worker ready", () => process.kill(before.get(1)!, "SIGKILL"));
    await writeFile(policies, "{}");
    await cluster.after("all workers are new", () => cluster.signal("SIGHUP"));
  });
});

test("a worker that is killed is replaced, and others go on meanwhile", async () => {
  const { cluster } = await start();
  const before = cluster.pids();
  await answers(cluster.url, "{ hello }");
  await cluster.after("worker ready", async () => {
    await cluster.after("worker ended unasked", () => process.kill(before.get(2)!, "SIGKILL"));
    expect(await answers(cluster.url, "{ hello }")).toEqual(['{"data":{"hello":"hi"}}']);
  });
  await cluster.complete();
  const after = cluster.pids();
  expect(after.get(1)).toBe(before.get(1));
  expect(after.get(2)).not.toBe(before.get(2));
  expect(await answers(cluster.url, "{ hello }")).toEqual(['{"data":{"hello":"hi"}}']);
});

test("a worker that is told to end by itself finishes what it does, and is replaced", async () => {
  const { cluster } = await start();
  const before = cluster.pids();
  const load = startLoad(cluster.url, "{ hello }", { hello: "hi" });
  await cluster.after("worker ready", () => process.kill(before.get(1)!, "SIGTERM"));
  await cluster.complete();
  expect(await load.stop()).toEqual([]);
  expect(cluster.pids().get(1)).not.toBe(before.get(1));
});

describe("a supergraph", () => {
  test("reaches all workers, and those that come later, and no request is lost by it", async () => {
    const { cluster, replace } = await start();
    const refusal = await answers(cluster.url, "{ bye }");
    expect(refusal[0]).toContain("GRAPHQL_VALIDATION_FAILED");
    const load = startLoad(cluster.url, "{ hello }", { hello: "hi" });
    const { hash } = (await cluster.ready()).supergraph;
    await cluster.after("supergraph swapped in all workers", () => replace(large));
    expect(await answers(cluster.url, "{ bye }")).toEqual(['{"data":{"bye":"bye"}}']);
    expect((await cluster.ready()).supergraph).toEqual({
      hash: expect.not.stringMatching(hash),
      refused: null,
    });
    expect(await load.stop()).toEqual([]);
    const swaps = cluster.log().filter(({ msg }) => msg === "supergraph swapped");
    expect(swaps.map(({ worker }) => worker).toSorted()).toEqual([1, 2]);

    await cluster.after("worker ready", () => process.kill(cluster.pids().get(1)!, "SIGKILL"));
    expect(await answers(cluster.url, "{ bye }")).toEqual(['{"data":{"bye":"bye"}}']);
  });

  test("that comes while a worker starts reaches that worker, too", async () => {
    const { cluster, replace } = await start();
    await cluster.after("worker ready", async () => {
      await cluster.after("worker ended unasked", () => process.kill(cluster.pids().get(1)!, "SIGKILL"));
      await replace(large);
    });
    await cluster.complete();
    expect(await answers(cluster.url, "{ bye }")).toEqual(['{"data":{"bye":"bye"}}']);
  });

  test("that is refused is refused for all, which tell so, and go on", async () => {
    const { cluster, replace } = await start();
    const before = await cluster.ready();
    const { supergraph } = await cluster.after("supergraph refused for all workers", () =>
      replace("type Query { bye: String }"),
    );
    const states = await Promise.all(Array.from({ length: 6 }, () => cluster.ready()));
    for (const state of states) {
      expect(state.supergraph).toEqual({ hash: before.supergraph.hash, refused: supergraph });
    }
    expect(await answers(cluster.url, "{ hello }")).toEqual(['{"data":{"hello":"hi"}}']);
    // One alone has looked at it.
    expect(cluster.count("supergraph refused")).toBe(1);
    await cluster.after("supergraph swapped in all workers", () => replace(large));
    expect((await cluster.ready()).supergraph.refused).toBeNull();
  });

  test("that ends the worker which looks at it first is refused, and the others never see it", async () => {
    const { cluster, replace } = await start();
    const [first, second] = [cluster.pids().get(1)!, cluster.pids().get(2)!];
    // It hangs, and then it is gone.
    process.kill(first, "SIGSTOP");
    await cluster.after("supergraph offered to the workers", () => replace(large));
    const { reason } = await cluster.after("supergraph refused for all workers", () =>
      process.kill(first, "SIGKILL"),
    );
    expect(reason).toContain("A worker ended");
    await cluster.complete();
    expect(cluster.pids().get(2)).toBe(second);
    expect((await answers(cluster.url, "{ bye }"))[0]).toContain("GRAPHQL_VALIDATION_FAILED");
  });
});

describe("the end", () => {
  test("SIGTERM ends all, once they have finished what they do", async () => {
    const { cluster } = await start();
    const pids = [...cluster.pids().values()];
    const held = holdSubgraph();
    const slow = post(cluster.url, "{ hello }");
    await held.arrived;
    cluster.signal("SIGTERM");
    held.release();
    expect(JSON.parse((await slow).text)).toEqual({ data: { hello: "late" } });
    expect(await cluster.exited).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("workers of a primary that was killed end too", async () => {
    const { cluster } = await start();
    const pids = [...cluster.pids().values()];
    cluster.signal("SIGKILL");
    await cluster.exited;
    await expect.poll(() => pids.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  });

  test("comes with a message and exit code 1 where workers end again and again", async () => {
    const { cluster } = await start();
    const killed = new Set<number>();
    const kill = setInterval(() => {
      for (const pid of cluster.pids().values()) {
        if (killed.has(pid)) continue;
        killed.add(pid);
        if (isAlive(pid)) process.kill(pid, "SIGKILL");
      }
    }, 10);
    expect(await cluster.exited).toBe(1);
    clearInterval(kill);
    expect(cluster.output()).toContain(
      "The gateway's workers end again and again, and the gateway gives up.",
    );
    expect(killed.size).toBeGreaterThan(8);
  });
});

test("all workers sign with one key, and publish it, also those that come later", async () => {
  const issuer = await createIssuerFixture();
  const jwks = await folder.write("jwks.json", issuer.jwks);
  const { cluster } = await start(issuer.flags(jwks));
  const token = await issuer.token({ sub: "anna" });
  const look = async () => {
    subgraph.received.length = 0;
    const published = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        // Not one that another client asks for at the same time.
        await ask(cluster.url, `{ a${index}: hello }`, { token, headers: { connection: "close" } });
        const response = await fetch(`${cluster.url}/.well-known/jwks.json`, {
          headers: { connection: "close" },
        });
        return JSON.stringify(await response.json());
      }),
    );
    const tokens = subgraph.received.map(({ headers }) =>
      String(headers.authorization).replace("Bearer ", ""),
    );
    return { published, used: tokens.map((each) => decodeProtectedHeader(each).kid) };
  };
  const first = await look();
  await cluster.after("all workers are new", () => cluster.signal("SIGHUP"));
  const second = await look();
  expect(new Set([...first.published, ...second.published]).size).toBe(1);
  const { keys } = JSON.parse(first.published[0]!) as { keys: { kid: string }[] };
  expect([...first.used, ...second.used]).toEqual(Array.from({ length: 12 }, () => keys[0]!.kid));
});

test("what all workers count is in one file", async () => {
  const file = await folder.write("usage.json", "");
  await writeFile(
    file,
    JSON.stringify({
      format: "operation usage",
      version: 1,
      since: "2026-01-01T00:00:00Z",
      written: "2026-01-01T00:00:00Z",
      leftOut: { requests: 0, last: null },
      operations: [],
    }),
  );
  const { cluster } = await start(["--usage-file", file]);
  for (let count = 0; count < 10; count++) await post(cluster.url, "{ hello }");
  await cluster.after("all workers are new", () => cluster.signal("SIGHUP"));
  for (let count = 0; count < 10; count++) await post(cluster.url, "{ hello }");
  await cluster.stop();
  const { operations } = JSON.parse(await readFile(file, "utf8")) as {
    operations: { clients: { count: number }[] }[];
  };
  expect(operations.map(({ clients }) => clients.map(({ count }) => count))).toEqual([[20]]);
});
