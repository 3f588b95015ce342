import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent } from "undici";
import type { Call } from "../subgraphs/messages.ts";

/*
 * The floor: what a gateway on node:http pays before it looks at any data. Each request makes the calls that
 * our gateway makes for it, in the same waves, with bodies that are there already, and is answered with an answer that is
 * there already. Requests with the same token under way together are answered once, as equal ones are by the gateway.
 *
 * Arguments: how it calls (`undici`, or `transport` for ours), the port, and a file with what to do.
 */
const [caller, port, file = ""] = process.argv.slice(2);

/** What the floor's file holds. */
export interface Floor {
  readonly origin: string;
  readonly waves: readonly (readonly Call[])[];
  readonly answer: string;
}

const { origin, waves, answer } = JSON.parse(readFileSync(file, "utf8")) as Floor;
const body = Buffer.from(answer);
const call = caller === "undici" ? callByUndici() : await callByTransport();
const underWay = new Map<string, Promise<void>>();

async function makeCalls(authorization: string): Promise<void> {
  for (const wave of waves) await Promise.all(wave.map((each) => call(each, authorization)));
}

function callsOf(authorization: string): Promise<void> {
  let calls = underWay.get(authorization);
  if (calls === undefined) {
    calls = makeCalls(authorization).finally(() => underWay.delete(authorization));
    underWay.set(authorization, calls);
  }
  return calls;
}

const server = createServer((request, response) => {
  request.on("data", () => {});
  request.on("end", () => {
    void callsOf(request.headers.authorization ?? "").then(() => {
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  });
});
server.listen(Number(port), "127.0.0.1");

type Calling = (call: Call, authorization: string) => Promise<unknown>;

function headersOf(authorization: string) {
  return { "content-type": "application/json", accept: "*/*", authorization };
}

async function callByTransport(): Promise<Calling> {
  const { createHttpTransport } = await import("@tributary/executor");
  const transport = createHttpTransport();
  return (sent, authorization) =>
    transport.send({ url: origin + sent.path, headers: headersOf(authorization), body: sent.body });
}

function callByUndici(): Calling {
  const agent = new Agent({ pipelining: 1 });
  return (sent, authorization) =>
    new Promise((resolve, reject) => {
      let bytes = 0;
      agent.dispatch(
        { origin, path: sent.path, method: "POST", headers: headersOf(authorization), body: sent.body },
        {
          // undici wants these to be there.
          onRequestStart: () => {},
          onResponseStart: () => {},
          onResponseData: (_controller, chunk) => void (bytes += chunk.length),
          onResponseEnd: () => resolve(bytes),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}
