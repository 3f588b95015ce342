import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { checkDatabaseUrl } from "./database-url.ts";
import { MigrationError } from "./error.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const Stack = z.object({ pid: z.int(), databases: z.record(z.string(), z.string()) });

/**
 * The database of a context: `CUSTOMER_DATABASE_URL` and its like, else that of the local stack while it runs.
 *
 * @throws MigrationError BAD_DATABASE_URL
 */
export function databaseUrl(context: string, env: NodeJS.ProcessEnv = process.env): string {
  const variable = `${context.toUpperCase().replaceAll("-", "_")}_DATABASE_URL`;
  const own = env[variable];
  if (own) return checkDatabaseUrl(own, variable);
  const url = readStack(join(resolve(ROOT, env["TRIBUTARY_DATA"] ?? ".data"), "stack.json"))?.databases[
    context
  ];
  if (url) return url;
  throw new MigrationError(
    "BAD_DATABASE_URL",
    `which database? Set ${variable}, or start the local stack in another terminal: npm start`,
  );
}

/** A file that a killed stack left behind does not count. */
function readStack(file: string): z.infer<typeof Stack> | undefined {
  try {
    const stack = Stack.parse(JSON.parse(readFileSync(file, "utf8")));
    process.kill(stack.pid, 0);
    return stack;
  } catch {
    return undefined;
  }
}
