import { execFile } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { canEnter, type Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { PostgresError } from "./error.ts";

/** The name of the role that owns a cluster. */
export const SUPERUSER = "postgres";

const LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];

/**
 * Makes a cluster in the folder, unless it holds one. Text sorts by code point and folds case by Unicode's rules,
 * the same on every machine (the builtin locale C.UTF-8 needs nothing of the operating system).
 *
 * @returns whether a cluster was made
 * @throws PostgresError where the folder holds something else, or a cluster of another major version
 */
export async function ensureCluster(
  folder: string,
  options: { binaries: Binaries; account: Account; password: string; durable: boolean },
): Promise<boolean> {
  const { binaries, account, password, durable } = options;
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    checkVersion(folder, binaries.major);
    return false;
  }
  // Made beside and renamed: one that was cut short is never taken for a whole one.
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(join(draft, "cluster"), { recursive: true, mode: 0o700 });
    writeFileSync(join(draft, "password"), `${password}\n`, { mode: 0o600 });
    if (account) {
      for (const name of ["", "cluster", "password"]) chownSync(join(draft, name), account.uid, account.gid);
    }
    const { cwd, name } = address(join(draft, "cluster"), account);
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${name}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${name}/../password`,
        "--auth=scram-sha-256",
        ...LOCALE,
        "--no-instructions",
        ...(durable ? [] : ["--no-sync"]),
      ],
      { cwd, env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }, ...account },
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(draft, "cluster"), folder);
  } catch (cause) {
    const said = ((cause as { stderr?: string }).stderr || (cause as Error).message).trim();
    throw new PostgresError(`PostgreSQL could not make a database cluster in ${folder}: ${said}`, { cause });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return true;
}

function checkVersion(folder: string, major: number): void {
  const file = join(folder, "PG_VERSION");
  if (!existsSync(file)) {
    throw new PostgresError(`${folder} is neither empty nor a PostgreSQL cluster: move it away`);
  }
  const found = readFileSync(file, "utf8").trim();
  if (found !== String(major)) {
    throw new PostgresError(
      `the cluster in ${folder} is PostgreSQL ${found}'s, and this release brings ${major}: ` +
        "move the folder away to start with an empty one, or dump it with the old release and load it with this one",
    );
  }
}

/**
 * How the server names the folder. Another account cannot walk through a private parent folder (`/root`, a
 * `mktemp -d`), but may stay in a folder that root put it into: Linux gives that one the name /proc/self/cwd.
 *
 * @throws PostgresError where the account cannot reach the folder and there is no such name
 */
export function address(folder: string, account: Account): { cwd: string; name: string } {
  if (canEnter(folder, account)) return { cwd: folder, name: folder };
  if (process.platform === "linux") return { cwd: folder, name: "/proc/self/cwd" };
  throw new PostgresError(
    `PostgreSQL does not run as root, and another account cannot enter ${dirname(folder)}: ` +
      "move the project, or start as another user",
  );
}
