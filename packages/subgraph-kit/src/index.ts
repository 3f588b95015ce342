export { ConfigError, parseConfig } from "./config/parse-config.ts";
export { subgraphSettings, type SubgraphConfig } from "./config/subgraph-settings.ts";
export { failures, type InputFault } from "./graphql/failures.ts";
export { formatMoney, toMoney, type MoneyValue } from "./graphql/money.ts";
export { EmailAddressResolver, sharedResolvers } from "./graphql/shared-resolvers.ts";
export { idempotently, type IdempotentChange, type SqlTransaction } from "./idempotency/idempotently.ts";
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
export { runProcess } from "./server/process.ts";
export { startSubgraph, type RunningSubgraph, type SubgraphOptions } from "./server/subgraph.ts";
export { createPool } from "./statements/pool.ts";
export { default as sql, join as joinSql, type Sql } from "sql-template-tag";
