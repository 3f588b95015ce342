import { Agent, request } from "node:http";
import { ask, type GatewayProcess, type LogLine, startGatewayProcess } from "./gateway.fixture.ts";

/** A gateway of several processes. */
export interface Cluster extends GatewayProcess {
  /** Process ids of the workers that serve, by number. */
  pids(): ReadonlyMap<number, number>;
  ready(): Promise<Ready>;
  /** Settles when as many serve as should. */
  complete(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** How many lines of the log have a message. */
  count(message: string): number;
  /** Settles when the log has another line with a message than those it has now, with what `act` brings about. */
  after(message: string, act: () => unknown): Promise<LogLine>;
}

/** What `/health/ready` tells. */
export interface Ready {
  readonly status: string;
  readonly supergraph: { readonly hash: string; readonly refused: string | null };
  readonly workers: { readonly wanted: number; readonly ready: number };
}

/** Starts a gateway of two workers, or as many as the flags say. */
export async function startCluster(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const gateway = await startGatewayProcess(["--workers", "2", ...flags], environment);
  const lines = (message: string) => gateway.log().filter((line) => line["msg"] === message);
  const ready = async () => {
    const response = await fetch(`${gateway.url}/health/ready`, { headers: { connection: "close" } });
    return (await response.json()) as Ready;
  };
  const pids = () => {
    const map = new Map<number, number>();
    for (const { worker, workerPid, msg } of gateway.log()) {
      if (msg === "worker ready") map.set(Number(worker), Number(workerPid));
    }
    return map;
  };
  return {
    ...gateway,
    pids,
    ready,
    async complete() {
      for (;;) {
        const { workers } = await ready();
        if (workers.wanted === workers.ready) return;
      }
    },
    signal: (signal) => void process.kill(gateway.pid, signal),
    count: (message) => lines(message).length,
    async after(message, act) {
      const before = lines(message).length;
      await act();
      await gateway.logged(() => lines(message).length > before);
      return lines(message).at(-1)!;
    },
  };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Requests without a pause, of clients of two kinds, none of which tries anything twice. */
export interface Load {
  readonly answered: number;
  /** Ends it. @returns what went wrong */
  stop(): Promise<readonly string[]>;
}

/** Asks for an operation over and over; what it comes to has to be `expected`. */
export function startLoad(url: string, query: string, expected: object): Load {
  const state = { running: true, answered: 0 };
  const faults: string[] = [];
  const check = (status: number, text: string) => {
    state.answered++;
    const { data } = JSON.parse(text) as { data?: unknown };
    if (status !== 200 || JSON.stringify(data) !== JSON.stringify(expected)) faults.push(`${status} ${text}`);
  };
  const client = async (send: () => Promise<{ status: number; text: string }>) => {
    while (state.running) {
      try {
        const { status, text } = await send();
        check(status, text);
      } catch (error) {
        const { message, cause } = error as Error;
        faults.push(`${message} ${String(cause)}`);
      }
    }
  };
  const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const clients = [
    ...agents.map((agent) => client(() => post(url, query, agent))),
    ...Array.from({ length: 4 }, () => client(() => ask(url, query))),
  ];
  return {
    get answered() {
      return state.answered;
    },
    async stop() {
      state.running = false;
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
      return faults;
    },
  };
}

/** Sends an operation by Node's own client, which keeps connections as long as it is let. */
export function post(url: string, query: string, agent?: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ query });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(`${url}/graphql`, { method: "POST", headers, agent: agent ?? false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
