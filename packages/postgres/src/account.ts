import { execFileSync } from "node:child_process";
import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { PostgresError } from "./error.ts";

/** The account that the server runs as; `null` where it is the one that runs this process. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/**
 * PostgreSQL refuses to run as root. Asked by root, takes the owner of an existing cluster, else the account
 * `postgres`, which is made where the system has none, else `nobody`.
 */
export function serverAccount(clusterDir: string): Account {
  if (process.getuid?.() !== 0) return null;
  const owner = ownerOf(clusterDir);
  if (owner !== undefined && owner.uid !== 0) return owner;
  return lookUp("postgres") ?? create("postgres") ?? lookUp("nobody") ?? noAccount();
}

function ownerOf(path: string): { uid: number; gid: number } | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat && { uid: stat.uid, gid: stat.gid };
}

function lookUp(name: string): { uid: number; gid: number } | undefined {
  try {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })),
    );
    return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid!, gid: gid! } : undefined;
  } catch {
    return undefined;
  }
}

function create(name: string): { uid: number; gid: number } | undefined {
  const attempts: [string, string[]][] = [
    ["useradd", ["--system", "--user-group", "--no-create-home", name]],
    ["adduser", ["-S", "-D", "-H", name]], // Alpine's, from busybox
  ];
  for (const [command, args] of attempts) {
    try {
      execFileSync(command, args, { stdio: "ignore" });
      return lookUp(name);
    } catch {
      // the next one; without any, `nobody` will do
    }
  }
  return undefined;
}

function noAccount(): never {
  throw new PostgresError(
    "PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as: " +
      "make one, start as another user, or name your own databases (CUSTOMER_DATABASE_URL and its like)",
  );
}

/** Whether the account may pass through the folder, and all above it, going by their mode bits. */
export function canEnter(folder: string, account: Account): boolean {
  if (account === null) return true;
  for (let dir = realpathSync(folder); ; dir = dirname(dir)) {
    const { mode, uid, gid } = statSync(dir);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}
