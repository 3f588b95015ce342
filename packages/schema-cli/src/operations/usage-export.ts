import { z } from "zod";
import { UsageError } from "../result/fault.ts";
import type { Sent } from "../result/finding.ts";
import { parseJson } from "./manifest.ts";
import { type OperationSource, createTextFinder } from "./operation-source.ts";

const moment = z.iso.datetime();

/** What the gateway writes with `--usage-file`. */
const usageSchema = z.object({
  since: moment,
  written: moment,
  leftOut: z.object({ requests: z.int().min(0), last: moment.nullable() }),
  operations: z.array(
    z.object({
      name: z.string().nullable(),
      body: z.string(),
      clients: z.array(
        z.object({
          name: z.string().nullable(),
          version: z.string().nullable(),
          count: z.int().min(1),
          lastSeen: moment,
        }),
      ),
    }),
  ),
});
const readable = 1;

export interface UsageWindow {
  /** Today in UTC, `YYYY-MM-DD`. */
  today: string;
  /** How long before it was written an export's operations count; for ever if null. */
  days: number | null;
}

/** What a usage export says of operations, and why it cannot be all that clients send, if so. */
export interface UsageExport {
  sources: OperationSource[];
  /** Clauses without a full stop. */
  gaps: string[];
}

/**
 * Reads what a gateway counted.
 *
 * @throws {UsageError} where the file is no export, or of a version that is not known here
 */
export function readUsageExport(file: string, text: string, window: UsageWindow): UsageExport {
  const value = parseJson(file, text);
  const head = z.object({ format: z.literal("operation usage"), version: z.number() }).safeParse(value);
  if (!head.success) {
    throw new UsageError(
      `${file} is no usage file of the gateway's (--usage-file): it has no "format" of one.`,
    );
  }
  if (head.data.version !== readable) {
    throw new UsageError(
      `${file} is a usage file of version ${head.data.version}; version ${readable} is read here. Use the schema CLI of the gateway's release.`,
    );
  }
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${file} is no usage file: ${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  const { since, written, leftOut, operations } = parsed.data;
  const from = window.days === null ? "" : daysBefore(written, window.days);
  const find = createTextFinder(text);
  const sources = operations.flatMap(({ name, body, clients }): OperationSource[] => {
    const recent = clients.filter(({ lastSeen }) => lastSeen >= from);
    if (recent.length === 0) return [];
    const sent: Sent = {
      requests: recent.reduce((sum, { count }) => sum + count, 0),
      last:
        recent
          .map(({ lastSeen }) => lastSeen)
          .sort()
          .at(-1) ?? written,
      clients: [...new Set(recent.flatMap((client) => clientName(client) ?? []))],
    };
    return [{ file, body, entry: { name: name ?? "(anonymous)", ...find(body) }, sent }];
  });

  const gaps: string[] = [];
  if (leftOut.last !== null && leftOut.last >= from) {
    gaps.push(`${file} had no room for ${leftOut.requests} requests, the last on ${dayOf(leftOut.last)}`);
  }
  if (window.days !== null) {
    if (since > from) gaps.push(`${file} tells of the time since ${dayOf(since)} only`);
    if (dayOf(written) < daysBefore(`${window.today}T00:00:00.000Z`, window.days).slice(0, 10)) {
      gaps.push(`${file} was written on ${dayOf(written)}`);
    }
  }
  return { sources, gaps };
}

/** Joins the entries of several exports that are about the same operation; places are the first one's. */
export function joinExports(exports: readonly UsageExport[]): UsageExport {
  const joined = new Map<string, OperationSource>();
  for (const source of exports.flatMap(({ sources }) => sources)) {
    const known = joined.get(source.body);
    joined.set(source.body, known === undefined ? source : { ...known, sent: both(known.sent, source.sent) });
  }
  return { sources: [...joined.values()], gaps: exports.flatMap(({ gaps }) => gaps) };
}

function both(one: Sent | undefined, other: Sent | undefined): Sent {
  const sent = [one, other].filter((each) => each !== undefined);
  return {
    requests: sent.reduce((sum, { requests }) => sum + requests, 0),
    last:
      sent
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? "",
    clients: [...new Set(sent.flatMap(({ clients }) => clients))],
  };
}

function clientName({ name, version }: { name: string | null; version: string | null }): string | null {
  return name === null ? null : [name, version].filter((part) => part !== null).join(" ");
}

function daysBefore(time: string, days: number): string {
  return new Date(Date.parse(time) - days * 86_400_000).toISOString();
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
