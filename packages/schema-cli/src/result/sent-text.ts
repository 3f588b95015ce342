import type { Sent } from "./finding.ts";
import { plural } from "./plural.ts";

const shown = 3;

/** How often an operation was sent, by whom and when the last time: a clause. */
export function sentText({ requests, clients, last }: Sent): string {
  const more = clients.length > shown ? ` and ${clients.length - shown} more` : "";
  const by = clients.length === 0 ? "" : ` by ${clients.slice(0, shown).join(", ")}${more}`;
  return `${plural(requests, "request")}${by}, the last on ${last.slice(0, 10)}`;
}
