import { z } from "zod";

const format = "operation usage";
const version = 1;

const moment = z.iso.datetime();
const count = z.int().min(1);

const clientUsage = z.object({
  /** Null where the client did not tell, and for all that one operation has no room for. */
  name: z.string().nullable(),
  version: z.string().nullable(),
  count,
  firstSeen: moment,
  lastSeen: moment,
});

const operationUsage = z.object({
  /** Null where it is anonymous. */
  name: z.string().nullable(),
  type: z.enum(["query", "mutation", "subscription"]),
  /** GraphQL; without literals that could tell of anybody. */
  body: z.string().min(1),
  clients: z.array(clientUsage).min(1),
});

const usage = z.object({
  format: z.literal(format),
  version: z.literal(version),
  /** When counting began, and up to when it is told. */
  since: moment,
  written: moment,
  /** Requests whose operations are not among those below, as there was no room; and when the last one came. */
  leftOut: z.object({ requests: z.int().min(0), last: moment.nullable() }),
  operations: z.array(operationUsage),
});

/** What a usage file says. Moments are ISO 8601 in UTC. */
export type Usage = z.infer<typeof usage>;

/**
 * Reads a usage file's text.
 *
 * @returns what it says, or what is wrong with it
 */
export function parseUsage(text: string): Usage | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "it is not JSON" };
  }
  const parsed = usage.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { fault: `${issue?.path.join(".") || "it"}: ${issue?.message}` };
}

/** A usage file's text, in parts; an operation is one line. */
export function* usageText({ operations, since, written, leftOut }: Omit<Usage, "format" | "version">) {
  const head = { format, version, since, written, leftOut };
  yield `${JSON.stringify(head).slice(0, -1)},"operations":[`;
  for (const [index, operation] of operations.entries()) {
    yield `${index === 0 ? "" : ","}\n${JSON.stringify(operation)}`;
  }
  yield "\n]}\n";
}
