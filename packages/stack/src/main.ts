import { Command } from "commander";
import colors from "picocolors";
import { dataDirFrom, integer, processEnvironment } from "./config.ts";
import { forEachContext } from "./contexts.ts";
import { askFlagship } from "./flagship.ts";
import { PEOPLE } from "./people.ts";
import { gatewayPort, subgraphPort } from "./ports.ts";
import { historyIsThere } from "./sample-history.ts";
import { startStack, type StackEvent } from "./stack.ts";
import { clip, progressLine, summaryLines } from "./view.ts";

interface Flags {
  port?: number;
  customers: number;
  seed: boolean;
  data?: string;
  verbose?: boolean;
}

const command = new Command("npm start --")
  .description("Starts everything on this machine: databases, data, four subgraphs, gateway.")
  .option(
    "--port <n>",
    "the gateway's port, 0 for any (default: 4000, or the next free one)",
    integer(0, 65_535),
  )
  .option(
    "--customers <n>",
    "how many customers to generate where the databases are empty",
    integer(1, 10_000_000),
    1000,
  )
  .option("--no-seed", "leave empty databases empty")
  .option("--data <dir>", "where everything is kept (default: TRIBUTARY_DATA, else .data)")
  .option("--verbose", "show what the processes print")
  .parse();
const flags = command.opts<Flags>();

/** Nobody wants made-up customers in production, unless they say so. */
function customersToSeed(env: NodeJS.ProcessEnv): number | false {
  const meant = env["NODE_ENV"] !== "production" || command.getOptionValueSource("customers") === "cli";
  return flags.seed && meant ? flags.customers : false;
}

const interactive = process.stdout.isTTY;
let shownProgress = false;

function tell(event: StackEvent): void {
  if (event.type === "seeding") {
    if (!interactive || event.done === event.total) return;
    shownProgress = true;
    process.stdout.write(
      `\r  data        ${event.context}: ${Math.floor((100 * event.done) / event.total)} %   `,
    );
    return;
  }
  if (event.type === "log") {
    if (flags.verbose) console.log(colors.dim(`${event.name}: ${event.line}`));
    return;
  }
  if (shownProgress) process.stdout.write("\r\x1b[K");
  shownProgress = false;
  if (event.type === "trouble")
    return console.error(colors.yellow(event.text.split("\n").map(clip).join("\n")));
  const line = progressLine(event);
  if (line !== undefined) console.log(line);
}

function fail(error: unknown): never {
  const { name, message, stack } = error as Error;
  const foreseen = ["StackError", "PostgresError", "MigrationError"].includes(name);
  console.error(`${colors.red("error:")} ${foreseen ? message : stack}`);
  process.exit(1);
}

/** How long the histories are waited for, which are made of the data once that is there. */
const HISTORY_MS = 20_000;

const starting = new AbortController();
let stop: (code: number) => Promise<never> = async () => {
  starting.abort();
  return new Promise<never>(() => {}); // startStack undoes what it did, and `fail` ends the process
};
let askedAt = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // One Ctrl-C comes twice, from the terminal and from npm. Asked again later: end at once. The children notice that
    // the stack is gone, and the database is told on exit.
    if (askedAt !== 0 && performance.now() - askedAt > 2000) process.exit(130);
    if (askedAt !== 0) return;
    askedAt = performance.now();
    if (interactive) console.log();
    void stop(0);
  });
}

try {
  const env = processEnvironment();
  const { port, instead } = await gatewayPort(flags.port ?? (Number(env["GATEWAY_PORT"]) || undefined));
  const started = performance.now();
  console.log(colors.bold("Tributary"));
  const stack = await startStack({
    dataDir: dataDirFrom(env, flags.data),
    seedCustomers: customersToSeed(env),
    gatewayPort: port,
    // Any port for the gateway: any for the others too, so that several of these can start at the same time.
    subgraphPorts: port === 0 ? {} : await forEachContext(subgraphPort),
    signal: starting.signal,
    onEvent: tell,
    onLost: (error) => {
      console.error(`${colors.red("error:")} ${error.message}`);
      void stop(1);
    },
  });
  let stopping: Promise<never> | undefined;
  stop = (code) => (stopping ??= stack.stop().then(() => process.exit(code)));
  if (askedAt !== 0) await stop(0);
  if (instead !== null) console.log(`  port ${instead} is taken: the gateway listens on ${port}`);

  const answer = await askFlagship(stack);
  const seconds = (performance.now() - started) / 1000;
  if (answer)
    console.log(`  ${colors.dim("first answer")} HTTP ${answer.status} after ${seconds.toFixed(1)} s`);
  if (!(await historyIsThere(stack, HISTORY_MS)))
    console.log(
      colors.yellow("  the histories (Customer.history) are still being filled: .data/logs/history.log"),
    );
  const people = stack.localIssuer && stack.sampleCustomerId === null ? PEOPLE.slice(1) : PEOPLE;
  const tokens = stack.localIssuer
    ? await Promise.all(people.map(async (person) => [person, await stack.token(person)] as const))
    : [];
  for (const line of summaryLines(stack, tokens, answer)) console.log(line);
} catch (error) {
  if (starting.signal.aborted) process.exit(130);
  fail(error);
}
