import { rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCluster } from "./gateway-cluster.fixture.ts";
import {
  ask,
  compose,
  createFolder,
  runGatewayProcess,
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

// With three and more, workers that started at one time waited for one response that only the last of them got.
test.each([1, 2, 4, 8])(
  "--workers %i: all come to serve, which is announced, and the supergraph is watched",
  async (count) => {
    const file = await folder.write(`supergraph-${count}.graphql`, small);
    const cluster = await startCluster(["--supergraph", file, "--workers", String(count)]);
    try {
      await cluster.logged(({ msg }) => msg === "listening");
      if (count > 1) {
        expect([...cluster.pids().keys()].toSorted()).toEqual(
          Array.from({ length: count }, (_, index) => index + 1),
        );
        expect((await cluster.ready()).workers).toEqual({ wanted: count, ready: count });
      }
      expect((await ask(cluster.url, "{ hello }")).data).toEqual({ hello: "hi" });

      const swapped = count === 1 ? "supergraph swapped" : "supergraph swapped in all workers";
      await cluster.after(swapped, async () => {
        await writeFile(`${file}.new`, large);
        await rename(`${file}.new`, file);
      });
      expect((await ask(cluster.url, "{ bye }")).data).toEqual({ bye: "bye" });
      // Each has another one to learn from, and all are asked at one time.
      if (count > 2) {
        const [, ...others] = cluster.pids().values();
        for (const pid of others) process.kill(pid, "SIGKILL");
        await cluster.logged(() => cluster.count("worker ended unasked") === others.length);
        await cluster.complete();
        expect((await ask(cluster.url, "{ bye }")).data).toEqual({ bye: "bye" });
      }
    } finally {
      await cluster.stop();
    }
  },
);

describe("a cluster refuses to start, and says why once,", () => {
  test("where the supergraph cannot be served", async () => {
    const file = await folder.write("bad.graphql", "type Query { hello: String }");
    const { code, output } = await runGatewayProcess(["--workers", "3", "--supergraph", file]);
    expect(code).toBe(2);
    expect(output.match(/cannot be served/g)).toHaveLength(1);
  });

  test("where the port is taken", async () => {
    const file = await folder.write("good.graphql", small);
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    try {
      const { code, output } = await runGatewayProcess([
        ...["--workers", "2", "--supergraph", file, "--port", String(port)],
      ]);
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`),
      });
    } finally {
      other.close();
    }
  });
});
