import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import {
  ImportError,
  PartialCommitError,
  checkImportFiles,
  createProgressView,
  importDirectory,
  viewReconciliation,
} from "@tributary/datasets";
import { Command } from "commander";
import { dataDirFrom, processEnvironment } from "./config.ts";
import type { Context, PerContext } from "./contexts.ts";
import { dataDirPaths, type DataDirPaths } from "./data-dir.ts";
import { StackError } from "./error.ts";
import { runLockHolder } from "./run-lock.ts";
import { startStack } from "./stack.ts";
import { readStackState } from "./state-file.ts";

/** Ends of the process: all that was sound is loaded; nothing is; nothing is since rows were rejected (--strict). */
const EXIT = { done: 0, failed: 1, rejected: 3 } as const;

/** The databases of a stack that runs; else those that the environment names, and local ones for the rest. */
async function openUrls(
  paths: DataDirPaths,
): Promise<{ urls: PerContext<string>; close: () => Promise<void> }> {
  if (runLockHolder(paths.lock) !== undefined) {
    if (!existsSync(paths.state)) {
      throw new StackError(
        "the stack is still starting, or another import is under way: wait until it is done, and import again",
      );
    }
    const { databases } = readStackState(paths);
    return { urls: databases as Record<Context, string>, close: async () => {} };
  }
  const stack = await startStack({ dataDir: paths.dataDir, components: "databases", seedCustomers: false });
  return { urls: stack.databases, close: () => stack.stop() };
}

async function run(
  dir: string,
  options: { rejects?: string; strict?: boolean; data?: string },
): Promise<number> {
  const rejects = options.rejects ?? `${basename(resolve(dir))}.rejects.csv`;
  // Before a server is started for a name that was mistyped.
  await checkImportFiles(dir);
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const { urls, close } = await openUrls(dataDirPaths(dataDirFrom(processEnvironment(), options.data)));
  const progress = createProgressView(process.stderr);
  try {
    const reconciliation = await importDirectory({
      dir,
      urls,
      rejects,
      strict: options.strict ?? false,
      onProgress: (step) => progress.update(step),
      signal: interrupted.signal,
    });
    progress.stop();
    console.log(["", ...viewReconciliation(reconciliation)].join("\n"));
    const rejected = reconciliation.files.reduce((sum, file) => sum + file.rejected, 0);
    console.log(
      `\n${rejected === 0 ? "No row was rejected." : `${rejected} rows were rejected: see ${rejects}`}`,
    );
    return EXIT.done;
  } catch (error) {
    progress.stop();
    if (interrupted.signal.aborted && !(error instanceof PartialCommitError))
      throw new StackError("interrupted: nothing was loaded", { cause: error });
    throw error;
  } finally {
    await close();
  }
}

const program = new Command("npm run import --")
  .description(
    "Loads a directory of CSV files in the format of Classic Models into the three databases: those of the stack that " +
      "runs, else those of <CONTEXT>_DATABASE_URL, else the local ones. Again changes nothing. See docs/import.md.",
  )
  .argument("<dir>", "where customers.csv, products.csv, orders.csv, orderdetails.csv and payments.csv are")
  .option("--rejects <file>", "where rows that cannot be loaded are written; <dir>.rejects.csv by default")
  .option("--strict", "load nothing where any row is rejected, and exit with 3")
  .option("--data <dir>", "the local stack's folder; TRIBUTARY_DATA or .data by default")
  .showHelpAfterError()
  .action(async (dir: string, options: { rejects?: string; strict?: boolean; data?: string }) => {
    try {
      process.exitCode = await run(dir, options);
    } catch (error) {
      console.error(`\n${(error as Error).message}`);
      const strict = error instanceof ImportError && error.code === "REJECTED_ROWS";
      process.exitCode = strict ? EXIT.rejected : EXIT.failed;
    }
  });

await program.parseAsync();
