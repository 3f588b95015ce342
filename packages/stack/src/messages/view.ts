import type { ConsumerLag } from "@tributary/messaging";
import colors from "picocolors";
import type { ContextDeadLetter, RedriveOutcome } from "./dead-letters.ts";
import type { ContextStatus } from "./status.ts";

const WIDTH = 80;
const count = new Intl.NumberFormat("en-US");

/** The outboxes and dead letters of the contexts, a line each. */
export function statusLines(statuses: readonly ContextStatus[]): string[] {
  const rows = statuses.map(({ context, outbox, deadLetters }) => [
    context,
    count.format(outbox.waiting),
    outbox.waiting === 0 ? "-" : age(outbox.oldestSeconds),
    deadLetters.length === 0
      ? colors.green("none")
      : colors.red(deadLetters.map((each) => `${each.consumer} ${count.format(each.count)}`).join(", ")),
  ]);
  return table(["context", "unsent", "oldest", "dead letters"], rows);
}

/** How far the consumers are behind, a line each. */
export function lagLines(lag: readonly ConsumerLag[]): string[] {
  const rows = lag
    .toSorted((one, other) =>
      `${one.channel} ${one.consumer}` < `${other.channel} ${other.consumer}` ? -1 : 1,
    )
    .map(({ channel, consumer, waiting, inFlight }) => [
      channel,
      consumer,
      count.format(waiting),
      count.format(inFlight),
    ]);
  return table(["channel", "consumer", "waiting", "in flight"], rows);
}

/** Dead letters, three lines each. */
export function deadLetterLines(letters: readonly ContextDeadLetter[]): string[] {
  if (letters.length === 0) return ["There are no dead letters."];
  return letters.flatMap((letter) => {
    const { type, correlationId } = fieldsOf(letter.envelope);
    const when = letter.failedAt.toISOString().slice(0, 19).replace("T", " ");
    const asked = letter.redriveRequestedAt ? colors.yellow(", asked for again") : "";
    return [
      `${colors.bold(letter.messageId)}  ${type}`,
      `  ${clip(`${letter.context}, ${letter.consumer}, ${when}, ${letter.attempts} attempts`, 2)}${asked}`,
      `  ${clip(`correlation ${correlationId}`, 2)}`,
      `  ${colors.red(clip(letter.error.split("\n")[0] ?? "", 2))}`,
    ];
  });
}

export function redriveLines({ requested, handled, failed, waiting }: RedriveOutcome): string[] {
  if (requested === 0) return ["There are no such dead letters."];
  const lines = [`${count.format(handled)} of ${count.format(requested)} handled.`];
  if (failed.length > 0)
    lines.push(`${count.format(failed.length)} failed again:`, ...deadLetterLines(failed));
  if (waiting > 0)
    lines.push(
      `${count.format(waiting)} wait for their service to take them up. Does it run? They are handled when it does.`,
    );
  return lines;
}

/** Where a message is none, what there is. */
function fieldsOf(envelope: unknown): { type: string; correlationId: string } {
  const { type, correlationId } = (envelope ?? {}) as Record<string, unknown>;
  return {
    type: typeof type === "string" ? clip(type, 38) : "not a message",
    correlationId: typeof correlationId === "string" ? correlationId : "unknown",
  };
}

function age(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}

/** Cuts a text so that it fits into a line behind so many columns. */
function clip(text: string, used: number): string {
  return text.length <= WIDTH - used ? text : `${text.slice(0, WIDTH - used - 1)}…`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => plain(row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, widths[column]! - plain(cell).length)))
      .join("  ")
      .trimEnd();
  return [colors.dim(line(head)), ...rows.map(line)];
}

/** Without colours. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- that is what a colour begins with
  return text.replaceAll(/\x1b\[\d+m/g, "");
}
