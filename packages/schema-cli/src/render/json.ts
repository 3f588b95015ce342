import { type Result, passed } from "../result/finding.ts";
import { count, headline, ownLines, standing, verdict } from "../result/summary.ts";
import { worstFirst } from "./severity.ts";

/**
 * Writes the whole of a result as JSON: whether it passed, the verdict, how many changes there are and a line for each
 * first; then all findings. Nothing is ever left out that the result has.
 */
export function renderJson(result: Result): string {
  const { version, command, ...rest } = result;
  const changes = worstFirst(ownLines(result)).map((each) => `${standing(each)} ${headline(each)}`);
  const first = { passed: passed(result), verdict: verdict(result), counts: count(result), changes };
  return JSON.stringify({ version, command, ...first, ...rest }, null, 2);
}
