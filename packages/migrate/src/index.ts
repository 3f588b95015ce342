/** Prisma's migrations without its CLI: the same files, the same history in the database, no download. */
export { databaseUrl } from "./config.ts";
export { checkDatabaseUrl, describeDatabase } from "./database-url.ts";
export { MigrationError, type MigrationErrorCode } from "./error.ts";
export { findContexts } from "./folder.ts";
export type { MigrationEntry, MigrationState } from "./history.ts";
export {
  applyMigrations,
  migrationStatus,
  resetDatabase,
  resolveMigration,
  type MigrationTarget,
} from "./migrate.ts";
export { createMigration, schemaDifference, type NewMigration } from "./new-migration.ts";
