import { type Result, passed, resultVersion } from "../result/finding.ts";
import { plural } from "../result/plural.ts";
import { compareOutput } from "../steps/compare-output.ts";
import { compose } from "../steps/compose.ts";
import { sizeText } from "../steps/size-text.ts";
import { parseSubgraphs } from "../steps/parse-subgraphs.ts";
import type { Files } from "./files.ts";
import { readConfig, readSubgraphs } from "./read-config.ts";

export interface ComposeOptions {
  /** The configuration file. */
  config: string;
  /** Writes nothing; a committed file that is not up to date is an error instead. */
  frozen: boolean;
  /** Told what is about to be done, in a clause that begins with a verb: what can take long. */
  onProgress?: (doing: string) => void;
}

/**
 * Composes the subgraphs that the configuration names, and writes what changed of the two composed schemas.
 *
 * @throws {UsageError} where the configuration is wrong or names a file that is not there
 */
export async function runCompose(files: Files, options: ComposeOptions): Promise<Result> {
  const { subgraphs, output } = await readConfig(files, options.config);
  const sources = await readSubgraphs(files, subgraphs);

  const parsed = parseSubgraphs(sources);
  const result: Result = {
    version: resultVersion,
    command: "compose",
    findings: parsed.findings,
    done: [plural(sources.length, "subgraph")],
  };
  if (!passed(result)) return result;

  options.onProgress?.(`composing ${sizeText(parsed.subgraphs)}`);
  const { composed, findings } = compose(parsed.subgraphs);
  result.findings.push(...findings);
  if (composed === null) return result;

  const outputs = [
    {
      file: output.supergraph,
      committed: await files.read(output.supergraph),
      composed: composed.supergraph,
    },
    { file: output.api, committed: await files.read(output.api), composed: composed.api },
  ];
  const stale = compareOutput(outputs);
  if (options.frozen) {
    result.findings.push(...stale);
    if (stale.length === 0) result.done.push("the committed schemas are up to date");
    return result;
  }
  const changed = outputs.filter(({ file }) => stale.some(({ places }) => places[0]?.file === file));
  for (const { file, composed: text } of changed) await files.write(file, text);
  result.done.push(
    changed.length === 0 ? "nothing changed" : `wrote ${changed.map(({ file }) => file).join(" and ")}`,
  );
  return result;
}
