import { readFileSync } from "node:fs";

const setting = /^(([A-Z]+_)?DATABASE|BROKER|HISTORY_REDIS|OUTBOX_WAL)_URL_FILE$/;

/**
 * Settings that come from files: `DATABASE_URL_FILE=/path` gives `DATABASE_URL`, and `CUSTOMER_DATABASE_URL_FILE` and
 * its like give theirs, as do `HISTORY_REDIS_URL_FILE`, `OUTBOX_WAL_URL_FILE`, and `BROKER_URL_FILE` where no other broker is named by `BROKER_URL`. A file may hold what no environment should: that of a container is shown by `docker inspect`,
 * and is handed on to every process that it starts.
 *
 * @param environment such as `process.env`; not changed
 * @returns the settings to add
 * @throws Error that names every fault, a line each
 */
export function readDatabaseUrlFiles(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  const faults: string[] = [];
  for (const [name, file] of Object.entries(environment)) {
    if (!setting.test(name) || file === undefined || file === "") continue;
    const target = name.slice(0, -"_FILE".length);
    if (target === "BROKER_URL" && environment[target]) continue;
    if (environment[target]) faults.push(`${name}: ${target} is set too, and one of them is enough`);
    try {
      const url = readFileSync(file, "utf8").trim();
      if (url === "") faults.push(`${name}: ${file} is empty`);
      found[target] = url;
    } catch (error) {
      faults.push(`${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return found;
}
