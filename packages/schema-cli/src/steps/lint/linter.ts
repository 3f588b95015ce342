import { rules as allRules } from "@graphql-eslint/eslint-plugin/rules/index";
import {
  convertToESTree,
  extractComments,
  extractTokens,
} from "@graphql-eslint/eslint-plugin/estree-converter/index";
import { Linter } from "eslint/universal";
import { GraphQLError, parse } from "graphql";
import { UsageError } from "../../result/fault.ts";

/** A rule of @graphql-eslint by its name there, and how much it matters, with its options. */
export type LintRules = Record<string, "warn" | "error" | readonly ["warn" | "error", ...unknown[]]>;

/** What a rule has to say about a document; lines and columns count from 1. */
export interface LintMessage {
  rule: string;
  severity: "error" | "warning";
  message: string;
  line: number;
  column: number;
}

const prefix = "@graphql-eslint/";

/**
 * What @graphql-eslint's own parser does, less the search for a project's configuration: that takes seconds to load, and
 * would let files outside the comparison decide.
 */
const parser = {
  meta: { name: "schema-cli", version: "1" },
  parseForESLint(code: string, { filePath = "schema.graphql" }: { filePath?: string }) {
    try {
      const document = parse(code);
      const tree = convertToESTree(document);
      return {
        services: {},
        ast: {
          type: "Program",
          sourceType: "script",
          body: [tree],
          comments: extractComments(document.loc),
          tokens: extractTokens(filePath, code),
          loc: tree.loc,
          range: tree.range,
        },
      };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const [location] = error.locations ?? [];
      throw Object.assign(new SyntaxError(error.message), {
        lineNumber: location?.line,
        column: location?.column,
      });
    }
  },
};

/**
 * A linter of schema documents.
 *
 * @returns a function that gives the messages about one document (SDL), in the order of its lines
 * @throws {UsageError} for a rule that is not there, that is about operations or needs more than one document, or whose
 *   options are wrong
 */
export function createLinter(rules: LintRules): (sdl: string) => LintMessage[] {
  const faults = Object.keys(rules).flatMap((name) => fault(name) ?? []);
  if (faults.length > 0) throw new UsageError(`lint.rules are wrong:\n${faults.join("\n")}`);
  const linter = new Linter();
  const config = {
    files: ["**/*.graphql"],
    languageOptions: { parser },
    plugins: { "@graphql-eslint": { rules: allRules } },
    rules: Object.fromEntries(Object.entries(rules).map(([name, rule]) => [prefix + name, rule])),
  } as unknown as Linter.Config;

  const verify = (sdl: string): LintMessage[] =>
    linter.verify(sdl, [config], { filename: "schema.graphql" }).map((message) => ({
      rule: message.ruleId?.startsWith(prefix) ? message.ruleId.slice(prefix.length) : "directive",
      severity: message.severity === 2 ? "error" : "warning",
      message: message.message,
      line: message.line,
      column: message.column,
    }));
  try {
    // ESLint looks at options when it first meets a file.
    verify("scalar Any");
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new UsageError(`lint.rules are wrong:\n${reason.replaceAll(prefix, "")}`);
  }
  return verify;
}

function fault(name: string): string | null {
  const rule = Object.hasOwn(allRules, name) ? allRules[name as keyof typeof allRules] : undefined;
  if (rule === undefined) return `  - ${name}: @graphql-eslint has no such rule`;
  const { category, requiresSchema, requiresSiblings } = rule.meta.docs ?? {};
  if (![category].flat().includes("Schema")) return `  - ${name}: is about operations`;
  if (requiresSchema || requiresSiblings) return `  - ${name}: needs more than one subgraph's schema`;
  return null;
}
