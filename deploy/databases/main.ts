import { readFileSync } from "node:fs";
import { PostgresError, provisionDatabases, type OwnDatabase } from "@tributary/postgres";
import { readConfig } from "./config.ts";

/** `postgresql://role:password@host/database` tells who may connect to what. */
function ownDatabase(url: string): OwnDatabase {
  const { username, password, pathname } = new URL(url);
  const [role, plain, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  return { role: role!, password: plain!, database: database! };
}

try {
  const { host, superuserPasswordFile, urls } = readConfig(process.env);
  const password = encodeURIComponent(readFileSync(superuserPasswordFile, "utf8").trim());
  await provisionDatabases(`postgresql://postgres:${password}@${host}/postgres`, urls.map(ownDatabase));
  console.log("Each context and the broker have a database, and a role that may connect to it alone.");
} catch (error) {
  console.error(error instanceof PostgresError ? error.message : error);
  process.exitCode = 1;
}
