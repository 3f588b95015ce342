import { openHistoryStore, replayHistory } from "@tributary/history/load";
import { databaseUrl } from "@tributary/migrate";
import { replayOrders } from "@tributary/order/load";
import { Command } from "commander";
import pg from "pg";
import colors from "picocolors";
import { historyStoreUrl } from "../history-store-url.ts";
import { createProgress } from "../progress.ts";
import { differenceLines, historyLines, replayLines, viewDifferenceLines } from "./view.ts";

/** Differences that are printed; the rest are counted. */
const MOST_SHOWN = 50;

async function replayOrder(options: { check?: true }): Promise<void> {
  const checkOnly = options.check === true;
  const client = new pg.Client({ connectionString: databaseUrl("order"), connectionTimeoutMillis: 5_000 });
  client.on("error", () => {}); // the next statement says it
  await client.connect();
  const progress = createProgress(process.stderr, "replaying orders");
  let shown = 0;
  try {
    const result = await replayOrders(client, {
      checkOnly,
      onProgress: progress.update,
      onDifference(difference) {
        if (++shown > MOST_SHOWN) return;
        progress.print(() => differenceLines(difference).forEach((line) => console.log(line)));
      },
    });
    progress.stop();
    replayLines(result, { checkOnly, mostShown: MOST_SHOWN }).forEach((line) => console.log(line));
    if (checkOnly ? result.differing > 0 : result.rebuilt < result.differing) process.exitCode = 1;
  } finally {
    progress.stop();
    await client.end();
  }
}

async function replayHistories(options: { check?: true }): Promise<void> {
  const checkOnly = options.check === true;
  const store = openHistoryStore(historyStoreUrl());
  const progress = createProgress(process.stderr, "replaying the history");
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let shown = 0;
  try {
    const result = await replayHistory(store, {
      checkOnly,
      signal: interrupted.signal,
      onProgress: progress.update,
      onDifference(difference) {
        if (++shown > MOST_SHOWN) return;
        progress.print(() => viewDifferenceLines(difference).forEach((line) => console.log(line)));
      },
    });
    progress.stop();
    historyLines(result, { checkOnly, mostShown: MOST_SHOWN }).forEach((line) => console.log(line));
    if (result.differing > 0) process.exitCode = 1;
  } finally {
    progress.stop();
    await store.close();
  }
}

const program = new Command("npm run replay --")
  .description(
    "Makes what is derived from events anew. A database is named by <CONTEXT>_DATABASE_URL, else it is the local stack's.",
  )
  .showHelpAfterError();
program
  .command("order")
  .description("fold the events of each order, and write its row and lines anew where they differ")
  .option("--check", "only compare, and exit with 1 where anything differs")
  .action(replayOrder);
program
  .command("history")
  .description(
    "have the services tell all they have, make the histories from it beside the live ones, and swap",
  )
  .option("--check", "only compare with the live ones, and exit with 1 where anything differs (Q5)")
  .action(replayHistories);
await program.parseAsync().catch((error: Error) => {
  console.error(`${colors.red("error:")} ${error.message || "the database does not answer"}`);
  process.exitCode = 1;
});
