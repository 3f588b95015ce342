import { randomUUID } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import colors from "picocolors";
import { dataDirFrom, integer, processEnvironment, seconds } from "../config.ts";
import { dataDirPaths, type DataDirPaths } from "../data-dir.ts";
import { StackError } from "../error.ts";
import { issueToken } from "../local-issuer.ts";
import { readStackState } from "../state-file.ts";
import { createDisplay } from "./display.ts";
import { planTraffic, type TrafficMix } from "./plan.ts";
import { readProducts, registerCustomers } from "./preparation.ts";
import { runTraffic } from "./run-traffic.ts";
import { createShop } from "./shop.ts";
import { nextLines } from "./view.ts";

/** Ends of the process. Bad options and whatever keeps the traffic from beginning are 1. */
const EXIT = { done: 0, failed: 1, incomplete: 3 } as const;
/** Longer than anybody lets it run. */
const TOKEN_SECONDS = 30 * 86_400;

interface Flags extends TrafficMix {
  rate: number;
  for?: number;
  customers: number;
  inFlight: number;
  drain: number;
  seed: number;
  data?: string;
}

const stopping = new AbortController();

function listenForCtrlC(): void {
  let askedAt = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // One Ctrl-C comes twice, from the terminal and from npm. Asked again later: end at once.
      if (askedAt !== 0 && performance.now() - askedAt > 500) process.exit(130);
      askedAt ||= performance.now();
      stopping.abort();
    });
  }
}

async function tokensOf(paths: DataDirPaths) {
  const issue = (person: "admin" | "support" | "customer", customerId: string | null) =>
    issueToken(paths, { person, customerId, lifetimeSeconds: TOKEN_SECONDS });
  const [admin, support] = await Promise.all([issue("admin", null), issue("support", null)]);
  return { admin, support, ofCustomer: (id: string) => issue("customer", id) };
}

async function run(flags: Flags): Promise<void> {
  if (flags.cancel + flags.overLimit > 1)
    throw new StackError("--cancel and --over-limit are shares of all orders, and come to more than 100%");
  const paths = dataDirPaths(dataDirFrom(processEnvironment(), flags.data));
  const { gatewayUrl: url, localIssuer, issuer } = readStackState(paths);
  if (!localIssuer)
    throw new StackError(`tokens come from ${issuer}: traffic needs the local issuer, for its customers`);
  listenForCtrlC();
  const { admin, support, ofCustomer } = await tokensOf(paths);
  const { signal } = stopping;
  const runId = `traffic-${randomUUID()}`;

  const { seed, rate, inFlight, drain, customers, ...mix } = flags;
  const preparing = createShop({ url, onError: () => {}, signal });
  const products = await readProducts(preparing, admin);
  const plan = planTraffic({ seed, customers, products, mix });
  const ids = await registerCustomers(preparing, admin, { limits: plan.limits, runId });
  const durationMs = flags.for === undefined ? null : flags.for * 1_000;
  const display = createDisplay(process.stdout, { rate, durationMs, seed });
  const figures = await runTraffic({
    openShop: (over, onError) => createShop({ url, onError, signal: over }),
    tokens: { customers: await Promise.all(ids.map(ofCustomer)), admin, support },
    orderOf: plan.order,
    runId,
    rate,
    durationMs,
    mostInFlight: inFlight,
    drainMs: drain * 1_000,
    signal,
    onFigures: display.show,
  });
  display.end(figures);
  ["", ...nextLines(figures)].forEach((line) => console.log(line));
  const isLeft = !figures.isAtRest && !signal.aborted;
  process.exitCode = figures.notSent + figures.notPlaced > 0 || isLeft ? EXIT.incomplete : EXIT.done;
}

/** For commander: `5%` as 0.05. */
function share(text: string): number {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1]);
  if (percent <= 100) return percent / 100;
  throw new InvalidArgumentError("It must be a share from 0% to 100%, such as 5%.");
}

/** For commander: orders per second. */
function perSecond(text: string): number {
  const rate = Number(text);
  if (/^\d{1,4}(\.\d{1,2})?$/.test(text) && rate >= 0.1 && rate <= 2_000) return rate;
  throw new InvalidArgumentError("It must be a number of orders per second from 0.1 to 2000.");
}

const program = new Command("npm run traffic --")
  .description(
    "Places orders as customers would against the stack that runs, at a steady rate whatever the answers take, and shows " +
      "what becomes of them. Its customers and orders stay. Exits with 3 where orders were not sent, had no answer or did " +
      "not come to their end.",
  )
  .option("--rate <n>", "orders per second", perSecond, 20)
  .option("--for <time>", "how long, such as 60s or 10m (default: until Ctrl-C)", seconds)
  .option("--cancel <share>", "orders that their customers call off", share, 0.05)
  .option("--over-limit <share>", "orders for more than the customer's limit, which are refused", share, 0.02)
  .option("--on-account <share>", "orders that are invoiced; all others are paid before", share, 0.1)
  .option("--fulfil <share>", "confirmed orders that are shipped, which frees their credit", share, 0.9)
  .option("--customers <n>", "how many customers to register for it", integer(1, 10_000), 50)
  .option("--in-flight <n>", "requests under way; orders due beyond are not sent", integer(1, 10_000), 200)
  .option("--drain <time>", "how long the last orders may take to come to their end", seconds, 30)
  .option("--seed <n>", "decides what is ordered, by whom, and what becomes of it", integer(0, 1_000_000), 1)
  .option("--data <dir>", "the stack's folder, as it was started with")
  .showHelpAfterError()
  .action(run);
await program.parseAsync().catch((error: Error) => {
  if (stopping.signal.aborted) process.exit(130);
  console.error(`${colors.red("error:")} ${error instanceof StackError ? error.message : error.stack}`);
  process.exitCode = EXIT.failed;
});
