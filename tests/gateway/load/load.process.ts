import { quantile } from "../report/statistics.ts";
import type { LoadAnswer, LoadCommand, LoadResult } from "./messages.ts";
import { PlainClient } from "./plain-client.ts";

// Sends one request after the other on each of its connections, and checks status and length of every answer.
let token = 0;

async function load(command: LoadCommand): Promise<LoadResult> {
  const times: number[] = [];
  const begin = performance.now();
  const until = begin + command.seconds * 1000;
  const requestOf = prepareRequests(command);
  const connection = async () => {
    const client = new PlainClient(new URL(command.url), { status: 200, bytes: command.bytes });
    try {
      while (performance.now() < until) {
        const sent = performance.now();
        await client.send(requestOf());
        times.push(performance.now() - sent);
      }
    } finally {
      client.close();
    }
  };
  await Promise.all(Array.from({ length: command.connections }, connection));
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    seconds,
    p50Milliseconds: quantile(times, 0.5),
    p99Milliseconds: quantile(times, 0.99),
  };
}

/** What writes one request after the other. */
function prepareRequests({ url, query, ownToken }: LoadCommand): () => string {
  const { host, pathname } = new URL(url);
  const body = JSON.stringify({ query });
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "connection: keep-alive",
    "content-type: application/json",
    "accept: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "authorization: Bearer ",
  ];
  const head = lines.join("\r\n");
  const tail = `\r\n\r\n${body}`;
  if (!ownToken) return () => `${head}the-same-for-all${tail}`;
  return () => `${head}token-${String(++token).padStart(12, "0")}${tail}`;
}

const answer = (message: LoadAnswer) => process.send?.(message);
process.on("message", (command: LoadCommand) => {
  load(command).then(answer, (error: Error) => answer({ error: error.message }));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
