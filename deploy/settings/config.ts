import { readDatabaseUrlFiles } from "./database-url-files.ts";

// Loaded before a process's own main.ts: `node --import ./deploy/settings/config.ts main.ts`.
try {
  Object.assign(process.env, readDatabaseUrlFiles(process.env));
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
