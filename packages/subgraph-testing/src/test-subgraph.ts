import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Context } from "@tributary/channels/contexts";
import { createIdentityIssuer, createIdentityKey, type Identity } from "@tributary/subgraph-kit/identity";

/** The contexts that have a subgraph and a database. */
export type ContextName = Context;

/** What a subgraph answered to one operation, and what it logged of it. */
export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes, and compare them whole.
  data: any;
  errors: { message: string; path?: (string | number)[]; extensions: { code: string; requestId?: string } }[];
  /** SQL statements that the operation sent, BEGIN and COMMIT included, as the request's log line has it. */
  sqlStatements: number;
}

/** A subgraph that runs as a process of its own, as it does in production. */
export interface TestSubgraph {
  url: string;
  /** Every line that the process has logged. */
  logs: readonly Record<string, unknown>[];
  /** Sends an operation as somebody. */
  ask(who: Identity, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Sends anything at all to `/graphql`. */
  post(body: string, headers?: Record<string, string>): Promise<Response>;
  /** A token as the gateway would send it. It is for this subgraph, and valid now, unless told otherwise. */
  token(who: Identity, options?: { audience?: string; lifetimeSeconds?: number }): Promise<string>;
  /** Waits for a line of the log. */
  logged(matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** Tells the process to stop, and waits for it. Again is no fault. */
  stop(): Promise<{ code: number | null }>;
}

export interface TestSubgraphOptions {
  databaseUrl: string;
  /** More of the process's environment, such as `{ BATCHING: "off" }`. */
  env?: Record<string, string>;
}

const mainOf = (context: ContextName) =>
  join(import.meta.dirname, "../../../subgraphs", context, "src/main.ts");

function launch(context: ContextName, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [mainOf(context)], {
    // Nothing of this process's environment: what a test does not say does not count.
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a subgraph that is expected to end by itself, and tells how it did. */
export async function runSubgraph(
  context: ContextName,
  env: Record<string, string>,
): Promise<{ code: number | null; stderr: string }> {
  const child = launch(context, env);
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr };
}

/** Starts a subgraph as a process on a free port, with a key pair of its own that the returned functions sign with. */
export async function startTestSubgraph(
  context: ContextName,
  { databaseUrl, env = {} }: TestSubgraphOptions,
): Promise<TestSubgraph> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-subgraph-"));
  const privateKey = await createIdentityKey();
  const issuer = await createIdentityIssuer({ privateKey });
  const jwks = join(folder, "gateway.jwks.json");
  writeFileSync(jwks, JSON.stringify(issuer.jwks));
  const child = launch(context, { DATABASE_URL: databaseUrl, IDENTITY_JWKS: jwks, ...env });
  const log = followLog(child);
  const { url } = (await log.logged(({ msg }) => msg === "listening")) as { url: string };

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  const token: TestSubgraph["token"] = async (who, { audience = context, lifetimeSeconds } = {}) => {
    if (lifetimeSeconds === undefined) return issuer.issue(who, audience);
    return (await createIdentityIssuer({ privateKey, lifetimeSeconds })).issue(who, audience);
  };

  return {
    url,
    logs: log.lines,
    logged: log.logged,
    post,
    token,
    async ask(who, query, variables = {}) {
      const requestId = randomUUID();
      const response = await post(JSON.stringify({ query, variables }), {
        authorization: `Bearer ${await token(who)}`,
        "x-request-id": requestId,
      });
      const { data, errors = [] } = (await response.json()) as Partial<Answer>;
      const line = await log.logged((each) => each["requestId"] === requestId && each["msg"] === "request");
      return { status: response.status, data, errors, sqlStatements: Number(line["sqlStatements"]) };
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const code = await log.ended;
      rmSync(folder, { recursive: true, force: true });
      return { code };
    },
  };
}

/** Reads the log of a process as it is written. */
function followLog(child: ChildProcess) {
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let stderr = "";
  let gone = false;
  const wake = () => waiting.forEach((look) => look());
  createInterface({ input: child.stdout! }).on("line", (text) => {
    lines.push(JSON.parse(text) as Record<string, unknown>);
    wake();
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<number | null>((done) => {
    child.once("close", (code) => {
      gone = true;
      done(code);
      wake();
    });
  });
  return {
    lines,
    ended,
    logged: (matches: (line: Record<string, unknown>) => boolean) =>
      new Promise<Record<string, unknown>>((found, fail) => {
        const look = () => {
          const line = lines.find(matches);
          if (line === undefined && !gone) return;
          waiting.delete(look);
          if (line) found(line);
          else fail(new Error(`the subgraph ended before it logged that; it said:\n${stderr}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
