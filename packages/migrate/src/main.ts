import { relative } from "node:path";
import { Command, Option } from "commander";
import colors from "picocolors";
import { databaseUrl } from "./config.ts";
import { enginePanic } from "./engine.ts";
import {
  applyMigrations,
  createMigration,
  describeDatabase,
  findContexts,
  migrationStatus,
  resetDatabase,
  resolveMigration,
} from "./index.ts";
import { statusLines } from "./status-view.ts";

const contexts = findContexts();
const log = (line: string) => console.log(line);
const program = new Command("npm run db --")
  .description(
    "The databases' migrations. A database is named by <CONTEXT>_DATABASE_URL, else it is the local stack's.",
  )
  .showHelpAfterError();

function command(name: string, description: string, choices: string[]): Command {
  return program
    .command(name)
    .description(description)
    .addArgument(program.createArgument("<context>", "whose database").choices(choices));
}
const each = (context: string) => (context === "all" ? contexts : [context]);

command("migrate", "apply the migrations that are pending", [...contexts, "all"]).action(
  async (choice: string) => {
    for (const context of each(choice)) {
      const { applied } = await applyMigrations({ context, url: databaseUrl(context), log });
      if (applied.length === 0) log(`${context}: nothing to do`);
    }
  },
);

command("status", "list migrations: applied, pending, failed, edited, missing", [...contexts, "all"]).action(
  async (choice: string) => {
    let sound = true;
    for (const context of each(choice)) {
      const url = databaseUrl(context);
      const entries = await migrationStatus({ context, url });
      log(`${colors.bold(context)}  ${colors.dim(describeDatabase(url))}`);
      statusLines(entries).forEach(log);
      sound &&= entries.every(({ state }) => state === "applied" || state === "pending");
    }
    if (!sound) process.exitCode = 1;
  },
);

command("new", "write the migration from the history to schema.prisma", contexts)
  .requiredOption("--name <words>", "what it does, in a few words")
  .action(async (context: string, { name }: { name: string }) => {
    const made = await createMigration({ context, name });
    if (!made) return log(`${context}: no difference between the migrations and schema.prisma`);
    log(`${made.sql}\n${context}: written to ${relative(process.cwd(), made.file)}`);
    if (/\bDROP (TABLE|COLUMN|TYPE)\b/.test(made.sql))
      log(colors.yellow("it drops data: read it before you commit it"));
  });

command("reset", "drop everything in the database, and apply all migrations", contexts)
  .option("--yes", "really")
  .action(async (context: string, { yes }: { yes?: boolean }) => {
    const url = databaseUrl(context);
    if (!yes)
      throw new Error(`this drops everything in ${describeDatabase(url)}: say --yes if that is meant`);
    await resetDatabase({ context, url, log });
  });

command("resolve", "say what became of a migration that failed or was edited", contexts)
  .addOption(
    new Option("--applied <migration>", "the database is what it would have made").conflicts("rolledBack"),
  )
  .option("--rolled-back <migration>", "nothing of it is left: it may run again")
  .action(async (context: string, { applied, rolledBack }: { applied?: string; rolledBack?: string }) => {
    const migration = applied ?? rolledBack;
    if (!migration) throw new Error("say --applied MIGRATION or --rolled-back MIGRATION");
    const as = applied ? "applied" : "rolled-back";
    await resolveMigration({ context, url: databaseUrl(context), migration, as, log });
  });

function fail(error: Error): never {
  console.error(`${colors.red("error:")} ${enginePanic() || error.message}`);
  process.exit(1);
}
process.on("uncaughtException", fail);
await program.parseAsync().catch(fail);
// The engine leaves a timer of ten seconds behind (its wait for the lock), which nothing waits for.
process.exit();
