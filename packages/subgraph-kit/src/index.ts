export { ConfigError, parseConfig } from "./config/parse-config.ts";
export {
  serverSettings,
  subgraphSettings,
  type ServerConfig,
  type SubgraphConfig,
} from "./config/subgraph-settings.ts";
export { StoreFaultError } from "./database/database-fault.ts";
export { createOutageWatch, type OutageWatch } from "./database/outage-watch.ts";
export { openPool, type DatabasePool } from "./database/pool.ts";
export { failures, type InputFault } from "./graphql/failures.ts";
export { formatMoney, toMoney, type MoneyValue } from "./money/money.ts";
export { EmailAddressResolver, sharedResolvers } from "./graphql/shared-resolvers.ts";
export {
  createIdempotencyStore,
  idempotently,
  type IdempotencyKey,
  type IdempotencyRecord,
  type IdempotencyStore,
  type IdempotentChange,
} from "./idempotency/idempotently.ts";
export {
  createArgumentLoader,
  createLoader,
  type ArgumentLoader,
  type LoadingOptions,
} from "./loading/loaders.ts";
export { type Ordering, type Position } from "./pagination/cursor.ts";
export {
  countSql,
  countsSql,
  pageSql,
  pagesSql,
  type KeysetParents,
  type KeysetSource,
} from "./pagination/keyset-sql.ts";
export {
  LARGEST_PAGE,
  pageRequest,
  toConnection,
  type Connection,
  type PageRequest,
} from "./pagination/page.ts";
export type { SubgraphContext } from "./server/context.ts";
export { createLogger, type Logger } from "./server/logger.ts";
export { startMetricsServer, type MetricsServerOptions } from "./server/metrics-server.ts";
export { runProcess } from "./server/process.ts";
export { startSubgraph, type RunningSubgraph, type SubgraphOptions } from "./server/subgraph.ts";
export { momentSql } from "./statements/moment-sql.ts";
export { default as sql, join as joinSql, raw as rawSql, type Sql } from "sql-template-tag";
