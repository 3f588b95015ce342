import { databaseUrl, findContexts } from "@tributary/migrate";
import { Command } from "commander";
import colors from "picocolors";
import { processEnvironment } from "../config.ts";
import { historyStoreUrl } from "../history-store-url.ts";
import { StackError } from "../error.ts";
import { listLetters, redriveLetters } from "./dead-letters.ts";
import { openMessageDatabases, type MessageDatabase } from "./message-databases.ts";
import { readBrokerLag, readStatus } from "./status.ts";
import { deadLetterLines, lagLines, redriveLines, statusLines } from "./view.ts";

const contexts = findContexts();
const program = new Command("npm run messages --")
  .description(
    "The messages between the contexts. A database is named by <CONTEXT>_DATABASE_URL, else it is the local stack's.",
  )
  .showHelpAfterError();
const print = (lines: readonly string[]) => lines.forEach((line) => console.log(line));

interface Filter {
  consumer?: string;
  id?: string[];
}

/** Opens the databases of the contexts that are meant, for as long as something is done with them. */
async function withDatabases(
  choice: string | undefined,
  work: (databases: readonly MessageDatabase[]) => Promise<void>,
): Promise<void> {
  const chosen = choice === undefined ? contexts : [choice];
  const databases = await openMessageDatabases(chosen, (context) =>
    context === "history" ? historyStoreUrl() : databaseUrl(context),
  );
  try {
    await work(databases);
  } finally {
    await Promise.all(databases.map((database) => database.close()));
  }
}

program
  .command("status")
  .description("what waits to be sent, what failed, and how far consumers are behind (with BROKER_URL)")
  .action(() =>
    withDatabases(undefined, async (databases) => {
      print(statusLines(await Promise.all(databases.map(readStatus))));
      const brokerUrl = processEnvironment()["BROKER_URL"];
      if (brokerUrl) print(["", ...lagLines(await readBrokerLag(brokerUrl))]);
    }),
  );

function withFilter(name: string, description: string): Command {
  const command = program.command(name).description(description);
  return command
    .addArgument(command.createArgument("[context]", "whose, all by default").choices(contexts))
    .option("--consumer <name>", "only those of a consumer")
    .option("--id <id...>", "only those with these message ids", collectIds);
}

withFilter("dead-letters", "list messages that could not be handled, the oldest first")
  .option("--limit <n>", "how many at most", Number, 50)
  .action(async (context: string | undefined, filter: Filter & { limit: number }) =>
    withDatabases(context, async (databases) => print(deadLetterLines(await listLetters(databases, filter)))),
  );

withFilter("redrive", "have dead letters handled again, under their own ids, and wait for what comes of it")
  .option("--all", "every one of them: needed where neither --consumer nor --id is given")
  .option("--wait <seconds>", "how long to wait for the services to handle them", Number, 30)
  .action(async (context: string | undefined, filter: Filter & { all?: true; wait: number }) => {
    if (!filter.all && filter.consumer === undefined && filter.id === undefined)
      throw new StackError("say which: --id ID, --consumer NAME or --all");
    await withDatabases(context, async (databases) => {
      const outcome = await redriveLetters(databases, filter);
      print(redriveLines(outcome));
      if (outcome.failed.length > 0 || outcome.waiting > 0) process.exitCode = 1;
    });
  });

function collectIds(id: string, ids: string[] = []): string[] {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new StackError(`${id} is no message id: it is a UUID, as dead-letters prints it`);
  return [...ids, id.toLowerCase()];
}

await program.parseAsync().catch((error: Error) => {
  console.error(`${colors.red("error:")} ${error.message}`);
  process.exitCode = 1;
});
