import type { SchemaConfig } from "../config/schema-config.ts";
import { UncheckedError, UsageError } from "../result/fault.ts";
import type { Finding } from "../result/finding.ts";
import type { SubgraphSource } from "../steps/parse-subgraphs.ts";
import type { Side } from "../steps/step.ts";
import type { ReadableFiles } from "./files.ts";
import { readConfig, readPresentSubgraphs, readSubgraphs, schemaPaths } from "./read-config.ts";
import { composeSide, sameSources } from "./read-side.ts";

/** The state to compare with, and what it is called. */
export interface CheckBase {
  ref: string;
  commit: string;
  files: ReadableFiles;
  /**
   * The state before the last change of some files, on the line of the branch itself; null where there is none.
   *
   * @throws {UncheckedError} where the history ends too early to say
   */
  earlier?(paths: readonly string[]): Promise<CheckBase | null>;
}

/** What the head is compared with. */
export interface ResolvedBase {
  /** The commit that is compared with; the one asked for where there is nothing to compare with. */
  base: CheckBase;
  sources: SubgraphSource[];
  /** The folder of the approvals that the base asked for has already. */
  approvals: string | null;
  /** Null where there is nothing to compare with; `reason` says why. */
  side: Side | null;
  reason: string;
  /** The composer's hints, and what has to be told of the base itself. */
  hints: Finding[];
  findings: Finding[];
}

export interface ResolveBaseOptions {
  /** The configuration's file, as the base has it. */
  file: string;
  config: SchemaConfig;
  /** A configuration to read every base by, in place of its own. */
  baseConfig: SchemaConfig | null;
  head: { sources: SubgraphSource[]; side: Side | null; findings: Finding[] };
  onProgress: (doing: string) => void;
}

interface State {
  config: SchemaConfig;
  sources: SubgraphSource[];
  /** Whether it has a configuration of its own. */
  own: boolean;
}

/** How many states are looked at for one that composes. */
const most = 50;

/**
 * Finds what to compare with: the base, or, where that does not compose, the last state before it that does, as that is what
 * clients have. A base without a configuration is read by the head's. Where there is nothing to compare with, a change
 * passes that composes, with a warning.
 *
 * @throws {UncheckedError} where the base cannot be read
 */
export async function resolveBase(asked: CheckBase, options: ResolveBaseOptions): Promise<ResolvedBase> {
  let first: { state: State | null; fault: string } | null = null;
  let current: CheckBase = asked;
  for (let looked = 0; ; looked += 1) {
    const { state, fault, paths } = await readState(current, options);
    const composed = state === null ? null : composeState(state, options);
    const why = fault ?? composed?.findings[0]?.message ?? "";
    first ??= { state, fault: why };
    // Then nothing is compared, and the head's errors are what there is to say.
    if (options.head.side === null) return unread(asked, state);
    if (state !== null && composed !== null && composed.side !== null) {
      return found({
        asked,
        base: current,
        state,
        side: composed.side,
        hints: composed.findings,
        first,
        options,
      });
    }
    // Without a configuration and without schemas there is nothing that could have composed.
    const next = state === null && fault === null ? null : await current.earlier?.(paths);
    if (next == null) return nothing(asked, first, options);
    if (looked >= most) {
      throw new UncheckedError(
        `the base (${asked.ref}) does not compose, and neither do the ${most} states before it`,
        "name a commit that does with --base",
      );
    }
    current = next;
  }
}

/** What a state has: null where it has neither a configuration nor schemas; and what is wrong with it, if anything is. */
async function readState(
  base: CheckBase,
  { file, config, baseConfig }: ResolveBaseOptions,
): Promise<{ state: State | null; fault: string | null; paths: string[] }> {
  const { files } = base;
  try {
    const loaded = baseConfig === null ? await files.load(file) : null;
    if (loaded === null) {
      const by = baseConfig ?? config;
      const sources = await readPresentSubgraphs(files, by.subgraphs);
      const state = sources.length === 0 ? null : { config: by, sources, own: false };
      return { state, fault: null, paths: [file, ...schemaPaths(by.subgraphs)] };
    }
    const own = await readConfig(files, file);
    const paths = [file, ...schemaPaths(own.subgraphs)];
    try {
      const sources = await readSubgraphs(files, own.subgraphs);
      return { state: { config: own, sources, own: true }, fault: null, paths };
    } catch (error) {
      return { state: null, fault: usageFault(error), paths };
    }
  } catch (error) {
    return { state: null, fault: usageFault(error), paths: [file] };
  }
}

function usageFault(error: unknown): string {
  if (error instanceof UsageError) return error.message.replace(/\.$/, "");
  throw error;
}

function composeState({ sources }: State, { head, onProgress }: ResolveBaseOptions) {
  if (!sameSources(sources, head.sources))
    return composeSide("base", sources, { onProgress, other: head.side });
  return {
    side: head.side === null ? null : { ...head.side, which: "base" as const },
    findings: head.findings,
  };
}

function unread(base: CheckBase, state: State | null): ResolvedBase {
  const approvals = state?.config.approvals ?? null;
  const sources = state?.sources ?? [];
  return { base, sources, approvals, side: null, reason: "", hints: [], findings: [] };
}

interface Found {
  asked: CheckBase;
  base: CheckBase;
  state: State;
  side: Side;
  hints: Finding[];
  first: { fault: string };
  options: ResolveBaseOptions;
}

function found({ asked, base, state, side, hints, first, options }: Found): ResolvedBase {
  const findings: Finding[] = [];
  if (base !== asked) {
    const message = `${nameOf(asked)} does not compose.\n${first.fault}\nCompared with ${base.commit.slice(0, 7)}, the last state before it that does.`;
    findings.push({ severity: "warning", code: "BASE_BROKEN", message, places: [] });
  }
  if (!state.own && options.baseConfig === null) {
    const message = `${nameOf(base)} has no ${options.file}: its schemas are read by this change's.`;
    findings.push({ severity: "hint", code: "BASE_MISSING", message, places: [{ file: options.file }] });
  }
  const approvals = state.config.approvals ?? null;
  return { base, sources: state.sources, approvals, side, reason: "", hints, findings };
}

function nothing(
  asked: CheckBase,
  { state, fault }: { state: State | null; fault: string },
  { file, config }: ResolveBaseOptions,
): ResolvedBase {
  const broken = state !== null || fault !== "";
  const why = broken
    ? `${nameOf(asked)} does not compose, and nothing before it does`
    : `${nameOf(asked)} has no ${file} and none of its schemas`;
  const finding: Finding = {
    severity: "warning",
    code: broken ? "BASE_BROKEN" : "BASE_MISSING",
    message: `${why}: there is nothing to compare with.${broken ? `\n${fault}` : ""}`,
    places: [{ file }],
    advice: "name a commit with --base, or the file that the base has in its place with --base-config",
  };
  const approvals = state?.config.approvals ?? config.approvals ?? null;
  const reason = broken ? "no state of the base composes" : "the base has no schemas";
  return { base: asked, sources: [], approvals, side: null, reason, hints: [], findings: [finding] };
}

function nameOf({ ref, commit }: CheckBase): string {
  const short = commit.slice(0, 7);
  return `The base ${commit.startsWith(ref) ? short : `${ref} (${short})`}`;
}
