/** Real PostgreSQL from npm: a server in a folder, started without a container or an installation. */
export { PostgresError } from "./error.ts";
export { provisionDatabases, type OwnDatabase } from "./databases.ts";
export { startPostgres, type PostgresServer, type PostgresServerOptions } from "./server.ts";
export { startTemporaryPostgres } from "./temporary.ts";
