/** The whole system on one machine: for `npm start`, and for tests that cross processes. */
export type { Child } from "./child.ts";
export { CONTEXTS, type Context, type PerContext } from "./contexts.ts";
export { StackError } from "./error.ts";
export { historyIsThere } from "./sample-history.ts";
export { PEOPLE, type Person } from "./people.ts";
export { startStack, type Stack, type StackEvent, type StackOptions } from "./stack.ts";
