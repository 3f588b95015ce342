import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyMigrations } from "@tributary/migrate";
import { startChild, type Child } from "./child.ts";
import { chooseIssuer, processEnvironment } from "./config.ts";
import { CONTEXTS, forEachContext, type Context, type PerContext } from "./contexts.ts";
import { dataDirPaths, type DataDirPaths } from "./data-dir.ts";
import { isRedis, openDatabases, type Databases } from "./databases.ts";
import { StackError } from "./error.ts";
import { gatewayCommand, subgraphCommand } from "./commands.ts";
import { AUDIENCE, ensureKeys, issueToken, LOCAL_ISSUER } from "./local-issuer.ts";
import type { Person } from "./people.ts";
import { writePrivateJson } from "./private-file.ts";
import { takeRunLock } from "./run-lock.ts";
import { areEmpty, findSampleCustomer } from "./sample.ts";
import { seed, type SeedResult } from "@tributary/datasets";
import { readStackState, type StackState } from "./state-file.ts";

/** What is told while a stack starts and runs. */
export type StackEvent =
  | { type: "databases"; server: { port: number; created: boolean } | null; external: readonly Context[] }
  | { type: "migrated"; applied: PerContext<readonly string[]> }
  | { type: "seeding"; context: Context; done: number; total: number }
  | { type: "seeded"; result: SeedResult | null }
  | { type: "listening"; name: string; url: string }
  | { type: "stopping"; what: string }
  | { type: "trouble"; text: string }
  | { type: "log"; name: string; line: string };

export interface StackOptions {
  /** Where everything is kept; by default a temporary folder, which goes with the stack. */
  readonly dataDir?: string;
  /** How many customers to generate where the databases are empty; false for none. 1,000 by default. */
  readonly seedCustomers?: number | false;
  /** Ports to ask for; 0, the default, is any that is free. */
  readonly gatewayPort?: number;
  readonly subgraphPorts?: Partial<PerContext<number>>;
  /** Added to this process's environment, here and in the children. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** More settings of the local PostgreSQL, such as `{ log_statement: "all" }`. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** `wal` has relays told by the write-ahead log, as the local server's superuser; `polling`, the default, asks the outbox. */
  readonly relay?: "polling" | "wal";
  /** What to start: databases alone (migrated and seeded), or with the subgraphs, or with the gateway too (default). */
  readonly components?: "databases" | "subgraphs" | "all";
  /** More flags of the gateway. */
  readonly gatewayFlags?: readonly string[];
  /** Gives up the start, and undoes it. */
  readonly signal?: AbortSignal;
  /** Told what happens. */
  readonly onEvent?: (event: StackEvent) => void;
  /** A child or the database ended again and again: the stack cannot go on. By default, it stops. */
  readonly onLost?: (error: StackError) => void;
}

export interface Stack {
  /** `http://127.0.0.1:4000`; "" without a gateway. */
  readonly gatewayUrl: string;
  readonly gateway: Child | null;
  /** Empty without subgraphs. */
  readonly subgraphs: PerContext<Child>;
  /** Connection URLs of the contexts' databases, each with its own role and its password. */
  readonly databases: PerContext<string>;
  /** Connection URL of the local server's superuser for one of its databases; null where all databases are others'. */
  readonly adminUrl: ((database?: string) => string) | null;
  readonly external: readonly Context[];
  readonly issuer: string;
  readonly localIssuer: boolean;
  /** A customer with orders and payments. */
  readonly sampleCustomerId: string | null;
  readonly paths: DataDirPaths;
  /**
   * A bearer token of the local issuer.
   *
   * @param options.customerId whose, for a customer; the sample customer by default
   * @param options.lifetimeSeconds 12 hours by default
   */
  token(person: Person, options?: { customerId?: string; lifetimeSeconds?: number }): Promise<string>;
  /** Stops everything, the gateway first and the databases last. Again is no fault. */
  stop(): Promise<void>;
}

/**
 * Starts the whole system on this machine: databases, migrations, data, issuer, subgraphs, gateway. Nothing that it
 * uses is fixed, so several run side by side.
 *
 * @throws StackError, PostgresError or MigrationError, whose messages say what to do; nothing is left running then
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const temporary = options.dataDir === undefined;
  const paths = dataDirPaths(options.dataDir ?? mkdtempSync(join(tmpdir(), "tributary-stack-")));
  const env = { ...processEnvironment(), ...options.env };
  const tell = options.onEvent ?? (() => {});
  const { components = "all" } = options;
  const choice = chooseIssuer(env);

  mkdirSync(paths.dataDir, { recursive: true });
  const lock = takeRunLock(paths.lock);
  if ("heldBy" in lock) throw new StackError(alreadyRuns(paths, lock.heldBy));

  const undo: (() => void | Promise<void>)[] = [];
  if (temporary) undo.push(() => rmSync(paths.dataDir, { recursive: true, force: true }));
  undo.push(lock.release);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      const faults: unknown[] = [];
      for (const step of undo.toReversed()) {
        try {
          await step();
        } catch (error) {
          faults.push(error); // what comes after is stopped all the same
        }
      }
      if (faults.length > 0) throw faults[0];
    })());

  const stopForLack = (error: StackError) => {
    tell({ type: "trouble", text: error.message });
    void stop();
  };

  try {
    const databases = await openDatabases({
      paths,
      env,
      settings: options.postgresSettings ?? {},
      durable: !temporary,
      onLog: (line) => tell({ type: "log", name: "postgres", line }),
      onTrouble: (text) => tell({ type: "trouble", text }),
      onLost: options.onLost ?? stopForLack,
    });
    const { server, urls, brokerUrl, external } = databases;
    if (server) {
      undo.push(() => {
        tell({ type: "stopping", what: "databases" });
        return server.stop();
      });
      tell({ type: "databases", server: { port: server.port, created: server.created }, external });
    } else {
      tell({ type: "databases", server: null, external });
    }
    options.signal?.throwIfAborted();
    await ensureKeys(paths);

    const children: Child[] = [];
    undo.push(async () => {
      if (children.length === 0) return;
      tell({ type: "stopping", what: "subgraphs" });
      await Promise.all(children.map((child) => child.dispose()));
    });
    const child = async (name: string, port: number, command: ReturnType<typeof subgraphCommand>) => {
      const started = await startChild({
        name,
        port,
        ...command,
        logFile: join(paths.logs, `${name}.log`),
        onLine: (line) => tell({ type: "log", name, line }),
        onTrouble: (text) => {
          if (!stopped) tell({ type: "trouble", text });
        },
        onLost: options.onLost ?? stopForLack,
      });
      tell({ type: "listening", name, url: started.url });
      return started;
    };

    const walSetting = (context: Context) =>
      options.relay === "wal" && server && !external.includes(context)
        ? { OUTBOX_WAL_URL: server.adminUrl(context) }
        : {};
    await migrate(databases, tell);
    options.signal?.throwIfAborted();
    // Subgraphs look for messages from the beginning on, which takes tables, and need no data: they start meanwhile.
    const subgraphs =
      components === "databases"
        ? Promise.resolve({} as PerContext<Child>)
        : forEachContext(async (context) => {
            const port = options.subgraphPorts?.[context] ?? 0;
            const one = await child(
              context,
              port,
              subgraphCommand(context, {
                paths,
                env: { ...env, ...walSetting(context) },
                url: urls[context],
                brokerUrl,
              }),
            );
            children.push(one);
            return one;
          });
    // So does the gateway where it can know beforehand where they will be.
    const gatewayAt = async (subgraphUrls: PerContext<string>): Promise<Child | null> => {
      if (components !== "all") return null;
      const localIssuer = choice.local;
      const flags = options.gatewayFlags ?? [];
      const command = gatewayCommand({ paths, env, localIssuer, subgraphUrls, flags });
      const front = await child("gateway", options.gatewayPort ?? 0, command);
      undo.push(() => {
        tell({ type: "stopping", what: "gateway" });
        return front.dispose();
      });
      return front;
    };
    const foreseen = urlsOfPorts(options.subgraphPorts ?? {});
    const [ready, sampleCustomerId, gateway] = await allOrFirstFault([
      subgraphs,
      loadData(databases, options, tell),
      foreseen ? gatewayAt(foreseen) : subgraphs.then((started) => gatewayAt(urlsOfChildren(started))),
    ]);
    options.signal?.throwIfAborted();
    const issuer = choice.local ? LOCAL_ISSUER : choice.issuer;
    const state: StackState = {
      pid: process.pid,
      gatewayUrl: gateway?.url ?? "",
      issuer,
      audience: choice.local ? AUDIENCE : choice.audience,
      localIssuer: choice.local,
      subgraphs: urlsOfChildren(ready),
      databases: urls,
      sampleCustomerId,
    };
    writePrivateJson(paths.state, state);
    undo.push(() => rmSync(paths.state, { force: true }));

    return {
      gatewayUrl: state.gatewayUrl,
      gateway,
      subgraphs: ready,
      databases: urls,
      adminUrl: server ? server.adminUrl : null,
      external,
      issuer,
      localIssuer: choice.local,
      sampleCustomerId,
      paths,
      token: (person, { customerId, lifetimeSeconds = 12 * 3600 } = {}) =>
        issueToken(paths, { person, customerId: customerId ?? sampleCustomerId, lifetimeSeconds }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function migrate({ urls }: Databases, tell: (event: StackEvent) => void): Promise<void> {
  const applied = await forEachContext(async (context) =>
    isRedis(urls[context]) ? [] : (await applyMigrations({ context, url: urls[context] })).applied,
  );
  tell({ type: "migrated", applied });
}

async function loadData(
  { urls }: Databases,
  options: StackOptions,
  tell: (event: StackEvent) => void,
): Promise<string | null> {
  const customers = options.seedCustomers ?? 1000;
  const result =
    customers !== false && (await areEmpty(urls))
      ? await seed({
          urls,
          customers,
          onProgress: (progress) => tell({ type: "seeding", ...progress }),
          ...(options.signal && { signal: options.signal }),
        })
      : null;
  tell({ type: "seeded", result });
  return findSampleCustomer(urls);
}

/** Like Promise.all, save that it waits for all also where one fails: nothing goes on behind the back of `stop`. */
async function allOrFirstFault<T extends readonly Promise<unknown>[]>(
  promises: readonly [...T],
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function urlsOfChildren(children: PerContext<Child>): PerContext<string> {
  return Object.fromEntries(
    Object.entries(children).map(([name, { url }]) => [name, url]),
  ) as PerContext<string>;
}

/** @returns undefined where one of the ports is any that is free */
function urlsOfPorts(ports: Partial<PerContext<number>>): PerContext<string> | undefined {
  if (!CONTEXTS.every((context) => ports[context])) return undefined;
  return Object.fromEntries(
    CONTEXTS.map((context) => [context, `http://127.0.0.1:${ports[context]}`]),
  ) as PerContext<string>;
}

function alreadyRuns(paths: DataDirPaths, pid: number): string {
  const other = `or give this one a folder of its own: npm start -- --data DIR`;
  try {
    const { gatewayUrl } = readStackState(paths);
    return `the stack already runs: ${gatewayUrl} (process ${pid}). Stop it first, ${other}`;
  } catch {
    return `the stack is already starting or stopping (process ${pid}). Wait for it, ${other}`;
  }
}
