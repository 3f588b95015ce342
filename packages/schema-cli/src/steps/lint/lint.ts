import type { Finding } from "../../result/finding.ts";
import { composedTypeName } from "../../schema/root-types.ts";
import { type ParsedSubgraph, sameFiles } from "../parse-subgraphs.ts";
import type { Step, StepOutput } from "../step.ts";
import { coordinateAt } from "./coordinate.ts";
import type { LintMessage, LintRules } from "./linter.ts";

/**
 * Lints each subgraph's SDL by rules of @graphql-eslint. What the base has already is left alone: a message is new where
 * the base has fewer of the same rule and text about the same coordinate.
 */
export function createLintStep(rules: LintRules): Step {
  return {
    name: "lint",
    async run({ base, head, subgraphs }): Promise<StepOutput> {
      if (Object.keys(rules).length === 0) {
        return { findings: [], outcome: "skipped", reason: "the configuration has no lint rules" };
      }
      // Loaded here: the linter takes longer to load than most changes take to check.
      const { createLinter } = await import("./linter.ts");
      const verify = createLinter(rules);
      const findings: Finding[] = [];
      for (const subgraph of head.subgraphs) {
        if (subgraphs !== null && !subgraphs.has(subgraph.name)) continue;
        const old = base.subgraphs.find(({ name }) => name === subgraph.name);
        if (sameFiles(old, subgraph)) continue;
        findings.push(...onlyNew(locate(old, verify), locate(subgraph, verify)).map(toFinding));
      }
      return { findings };
    },
  };
}

interface Located extends LintMessage {
  subgraph: string;
  file: string;
  coordinate: string | undefined;
}

function locate(subgraph: ParsedSubgraph | undefined, verify: (sdl: string) => LintMessage[]): Located[] {
  if (subgraph === undefined) return [];
  // Columns of a document's first line are counted without a byte order mark, by ESLint as by people.
  const nameOf = composedTypeName(subgraph.document);
  return subgraph.files.flatMap(({ file, sdl, document }) =>
    verify(sdl.replace(/^\uFEFF/, "")).map((message) => ({
      ...message,
      subgraph: subgraph.name,
      file,
      coordinate: coordinateAt(document, message, nameOf),
    })),
  );
}

function onlyNew(base: Located[], head: Located[]): Located[] {
  const key = ({ rule, message, coordinate }: Located) => JSON.stringify([rule, message, coordinate]);
  const known = new Map<string, number>();
  for (const each of base) known.set(key(each), (known.get(key(each)) ?? 0) + 1);
  return head.filter((each) => {
    const left = known.get(key(each)) ?? 0;
    known.set(key(each), left - 1);
    return left <= 0;
  });
}

function toFinding({ rule, severity, message, line, column, subgraph, file, coordinate }: Located): Finding {
  return {
    severity,
    code: `lint/${rule}`,
    step: "lint",
    message,
    places: [{ subgraph, file, line, column }],
    ...(coordinate === undefined ? {} : { coordinate }),
  };
}
