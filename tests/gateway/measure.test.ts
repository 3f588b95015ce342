import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { measureRound } from "./measure.ts";
import { onStage } from "./stage.ts";
import { WORKS } from "./works.ts";

const BYTES = 10;
const ROUND = { connections: 3, seconds: 0.2, bytes: BYTES };
const ownTokens = WORKS.find(({ key }) => key === "own-tokens")!;
const allAlike = WORKS.find(({ key }) => key === "all-alike")!;

/** A gateway that makes two calls for each request, with what it takes for the client's token. */
async function startGateway(subgraph: string, tokenOf: (authorization: string) => string): Promise<string> {
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      const headers = { authorization: tokenOf(incoming.headers.authorization ?? "") };
      const call = async () => {
        const answer = await request(`${subgraph}/accounts`, {
          method: "POST",
          headers,
          body: '{"query":"{ me { id } }"}',
        });
        await answer.body.dump();
      };
      void Promise.all([call(), call()]).then(() => response.end("x".repeat(BYTES)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

// What is measured is read from /proc.
describe.runIf(process.platform === "linux")("a round", () => {
  const self = { pid: process.pid } as never;

  test("tells CPU and calls of each request, where every token gets through", async () => {
    await onStage(async (stage) => {
      const url = await startGateway(stage.subgraphsUrl, (token) => token);
      const sample = await measureRound(stage, { child: self, url }, { ...ROUND, work: ownTokens });
      expect(sample.requests).toBeGreaterThan(0);
      expect(sample.cpuMillisecondsPerRequest).toBeGreaterThan(0);
      expect(sample.callsPerRequest).toBe(2);
      expect(sample.callsPerToken).toEqual([2, 2]);
      expect(sample.p99Milliseconds).toBeGreaterThanOrEqual(sample.p50Milliseconds);
    });
  });

  test("fails where requests with tokens of their own share one", async () => {
    await onStage(async (stage) => {
      const url = await startGateway(stage.subgraphsUrl, () => "Bearer shared");
      const round = measureRound(stage, { child: self, url }, { ...ROUND, work: ownTokens });
      await expect(round).rejects.toThrow(/^1 tokens came to the subgraphs, of \d+ requests with \d+$/);
    });
  });

  test("fails where equal requests do not have one and the same token", async () => {
    await onStage(async (stage) => {
      let number = 0;
      const url = await startGateway(stage.subgraphsUrl, () => `Bearer ${number++}`);
      const round = measureRound(stage, { child: self, url }, { ...ROUND, work: allAlike });
      await expect(round).rejects.toThrow(/requests with 1$/);
    });
  });

  test("fails where an answer has another length than the right one", async () => {
    await onStage(async (stage) => {
      const url = await startGateway(stage.subgraphsUrl, (token) => token);
      const round = measureRound(
        stage,
        { child: self, url },
        { ...ROUND, bytes: BYTES + 1, work: ownTokens },
      );
      await expect(round).rejects.toThrow("HTTP 200 with 10 bytes, not 200 with 11");
    });
  });
});
