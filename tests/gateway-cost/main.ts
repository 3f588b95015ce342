import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { request as undiciRequest } from "undici";
import { type Work, WORKS } from "./works.ts";

// npm run bench:gateway -w tests -- [requests]: the gateway process's own CPU time for each request, of Apollo Gateway
// and of ours in turn, over the same subgraphs. It counts the process's own time, so that what else the machine does
// matters less. Subgraphs and load have processes of their own.
process.env.APOLLO_TELEMETRY_DISABLED = "1";
process.env.NODE_ENV = "production";
const requests = Number(process.argv[2] ?? 300);
const CONCURRENCY = 8;

interface Measured {
  readonly cpuMilliseconds: number;
  readonly residentMegabytes: number;
  readonly callsPerRequest: number;
  readonly answer: string;
}

const subgraphs = start(new URL("./subgraphs.process.ts", import.meta.url), []);
const { url: subgraphsUrl } = await told<{ url: string }>(subgraphs);
let token = 0;

for (const front of ["bare", "apollo"]) {
  console.log(
    `\n${front === "bare" ? "Executor behind a bare node:http server" : "Apollo Server's standalone server"}`,
  );
  for (const work of WORKS) {
    const stock = await measure("stock", front, work);
    const ours = await measure("ours", front, work);
    if (stock.answer !== ours.answer) throw new Error(`The answers to "${work.name}" differ.`);
    console.log(
      [
        work.name.padEnd(20),
        `${stock.answer.length} bytes`.padEnd(14),
        ...[stock, ours].map(
          (each) =>
            `${each.cpuMilliseconds.toFixed(2)} ms, ${each.callsPerRequest.toFixed(1)} calls, ${each.residentMegabytes.toFixed(0)} MB`,
        ),
        `ratio ${(stock.cpuMilliseconds / ours.cpuMilliseconds).toFixed(2)}`,
      ].join(" | "),
    );
  }
}
subgraphs.kill();

async function measure(kind: string, front: string, work: Work): Promise<Measured> {
  const gateway = start(new URL("./gateway.process.ts", import.meta.url), [kind, front, subgraphsUrl]);
  try {
    const { url } = await told<{ url: string }>(gateway);
    // Until the machine code is made.
    const answer = await load(url, work, Math.max(100, Math.floor(requests / 2)));
    const before = await usage(gateway);
    const callsBefore = await ask<{ calls: number }>(subgraphs);
    await load(url, work, requests);
    const after = await usage(gateway);
    const callsAfter = await ask<{ calls: number }>(subgraphs);
    return {
      cpuMilliseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / 1000 / requests,
      residentMegabytes: after.residentBytes / 2 ** 20,
      callsPerRequest: (callsAfter.calls - callsBefore.calls) / requests,
      answer,
    };
  } finally {
    gateway.kill();
  }
}

async function load(url: string, { query, ownToken }: Work, count: number): Promise<string> {
  let sent = 0;
  let last = "";
  const client = async () => {
    while (sent < count) {
      sent++;
      const response = await undiciRequest(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${ownToken ? token++ : "same"}`,
        },
        body: JSON.stringify({ query }),
      });
      last = await response.body.text();
      if (response.statusCode !== 200 || last.includes('"errors"')) throw new Error(last.slice(0, 500));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  return last;
}

function start(file: URL, args: readonly string[]): ChildProcess {
  return fork(file, args, { execArgv: [] });
}

async function told<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, "message")) as [Message];
  return message;
}

function ask<Message>(child: ChildProcess): Promise<Message> {
  const answer = told<Message>(child);
  child.send("usage");
  return answer;
}

function usage(gateway: ChildProcess): Promise<{ cpuMicroseconds: number; residentBytes: number }> {
  return ask(gateway);
}
