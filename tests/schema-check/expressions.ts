import { existsSync } from "node:fs";
import path from "node:path";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";

/** What an expression of a workflow can see. */
export interface ExpressionScope {
  /** `github`, `steps`, `needs`: as JSON would have them. */
  contexts: Readonly<Record<string, unknown>>;
  /** Whether all went well so far. */
  succeeded: boolean;
  /** Where `hashFiles` looks. */
  folder: string;
}

/** Evaluates a condition (`if`), with GitHub's own reader of expressions; `success()` where it names no status. */
export function holds(
  condition: string | undefined,
  { contexts, succeeded, folder }: ExpressionScope,
): boolean {
  const text = (condition ?? "success()").replace(/^\s*\$\{\{|\}\}\s*$/g, "");
  const status = { always: true, success: succeeded, failure: !succeeded, cancelled: false };
  const functions = [
    ...Object.entries(status).map(([name, value]) => ({
      name,
      minArgs: 0,
      maxArgs: 0,
      call: () => new data.BooleanData(value),
    })),
    {
      name: "hashFiles",
      minArgs: 1,
      maxArgs: 255,
      call: (...files: data.ExpressionData[]) =>
        new data.StringData(
          files.some((file) => existsSync(path.join(folder, file.coerceString()))) ? "hash" : "",
        ),
    },
  ];
  const tokens = new Lexer(text).lex().tokens;
  const expression = new Parser(tokens, Object.keys(contexts), functions).parse();
  const scope = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const named = Object.keys(status).some((name) => text.includes(`${name}(`));
  const value = new Evaluator(
    expression,
    scope,
    new Map(functions.map((each) => [each.name.toLowerCase(), each])),
  ).evaluate();
  const truthy = !["", "0", "false"].includes(value.coerceString());
  return truthy && (named || succeeded);
}
