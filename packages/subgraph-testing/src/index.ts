/** What the tests of every subgraph start with: its database, itself as a process, and those who ask it. */
export { letSessionsEnd, startContextDatabase, type ContextDatabase } from "./context-database.ts";
export {
  hasRedisServer,
  startRedisServer,
  withoutRedisServer,
  type TestRedisServer,
} from "./redis-server.ts";
export { people } from "./people.ts";
export {
  runSubgraph,
  startTestSubgraph,
  type Answer,
  type ContextName,
  type TestSubgraph,
} from "./test-subgraph.ts";
