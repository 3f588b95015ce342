export type { CopyValue } from "./copy-text.ts";
export { copyLine } from "./copy-text.ts";
export type { CopyPart, Copying, Rows } from "./copy-rows.ts";
export { copyRows } from "./copy-rows.ts";
export { fillTables } from "./fill.ts";
export type { LoadMode, LoadResult } from "./load.ts";
export { LoadError, chooseMode, createStaging } from "./load.ts";
export type { Standing } from "./standing.ts";
export { readStanding } from "./standing.ts";
