import { type Result, passed } from "../result/finding.ts";

/** Writes the whole of a result as JSON, with `passed` beside it. Nothing is ever left out. */
export function renderJson(result: Result): string {
  const { version, command, ...rest } = result;
  return JSON.stringify({ version, command, passed: passed(result), ...rest }, null, 2);
}
