import { Client } from "undici";
import { quantile } from "../report/statistics.ts";
import type { LoadAnswer, LoadCommand, LoadResult } from "./messages.ts";

// Sends one request after the other on each of its connections, and checks status and length of every answer.
let token = 0;

async function load(command: LoadCommand): Promise<LoadResult> {
  const { origin, pathname } = new URL(command.url);
  const times: number[] = [];
  const begin = performance.now();
  const until = begin + command.seconds * 1000;
  const body = JSON.stringify({ query: command.query });
  const connection = async () => {
    const client = new Client(origin, { pipelining: 1 });
    try {
      while (performance.now() < until) {
        const sent = performance.now();
        await send(client, { path: pathname, body, ...command });
        times.push(performance.now() - sent);
      }
    } finally {
      await client.destroy();
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

interface Sent extends LoadCommand {
  readonly path: string;
  readonly body: string;
}

function send(client: Client, { path, body, ownToken, bytes }: Sent): Promise<void> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    authorization: `Bearer ${ownToken ? `token-${String(++token).padStart(12, "0")}` : "the-same-for-all"}`,
  };
  return new Promise((resolve, reject) => {
    let status = 0;
    let received = 0;
    client.dispatch(
      { path, method: "POST", headers, body },
      {
        // undici wants it to be there.
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
        },
        onResponseEnd() {
          if (status === 200 && received === bytes) resolve();
          else reject(new Error(`HTTP ${status} with ${received} bytes, not 200 with ${bytes}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}

const answer = (message: LoadAnswer) => process.send?.(message);
process.on("message", (command: LoadCommand) => {
  load(command).then(answer, (error: Error) => answer({ error: error.message }));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
