import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { MigrationError } from "./error.ts";

/** One migration of the folder, as its SQL file stands. */
export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
}

/** A context's folder: its schema and the history of its migrations, oldest first. */
export interface ContextFolder {
  readonly dir: string;
  readonly schema: string;
  readonly migrations: readonly MigrationFile[];
}

/** The folder that holds one folder per context. */
export const PRISMA_DIR = fileURLToPath(new URL("../../../prisma/", import.meta.url));

/** The contexts there are: each folder with a `schema.prisma`, by name. */
export function findContexts(prismaDir = PRISMA_DIR): string[] {
  return readdirSync(prismaDir)
    .filter((name) => existsSync(join(prismaDir, name, "schema.prisma")))
    .sort();
}

/** @throws MigrationError BAD_FOLDER */
export function readContextFolder(dir: string): ContextFolder {
  const schemaFile = join(dir, "schema.prisma");
  if (!existsSync(schemaFile)) throw new MigrationError("BAD_FOLDER", `there is no ${schemaFile}`);
  return {
    dir,
    schema: readFileSync(schemaFile, "utf8"),
    migrations: readMigrations(join(dir, "migrations")),
  };
}

function readMigrations(dir: string): MigrationFile[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const file = join(dir, name, "migration.sql");
      if (!existsSync(file)) {
        throw new MigrationError(
          "BAD_FOLDER",
          `${join(dir, name)} holds no migration.sql: restore it, or remove the folder`,
        );
      }
      return { name, sql: readFileSync(file, "utf8") };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** SHA-256 of the script, hex, as Prisma records it. */
export function checksum(sql: string): string {
  return createHash("sha256").update(sql).digest("hex");
}

/** Like Prisma: a checkout may have turned line ends, which changes nothing. */
export function matchesChecksum(sql: string, recorded: string): boolean {
  const unix = sql.replaceAll("\r\n", "\n");
  return [sql, unix, unix.replaceAll("\n", "\r\n")].some((text) => checksum(text) === recorded);
}
