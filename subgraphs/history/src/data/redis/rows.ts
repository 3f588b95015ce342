import type { HistoryEntry, HistoryHead, StoredPart } from "../../domain/history-change.ts";
import type { EntryPosition } from "../history-store.ts";
import type { Reply } from "./client.ts";

/** Before every key of ours. */
export const PREFIX = "history:";

/** What HGETALL gives, by field. */
export function rowsOf(reply: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < reply.length; index += 2) fields.set(reply[index]!, reply[index + 1]!);
  return fields;
}

export function toHead(customerId: string, fields: ReadonlyMap<string, string>): HistoryHead {
  const customer = fields.get("customer");
  const held = [...fields].flatMap(([name, amount]) =>
    name.startsWith("held:") ? [[name.slice("held:".length), Number(amount)] as const] : [],
  );
  const count = (name: string) => Number(fields.get(name) ?? 0);
  return {
    customerId,
    customer: customer === undefined ? null : { version: count("version"), value: valueOf(customer) },
    held: Object.fromEntries(held),
    entryCount: count("entryCount"),
    orderCount: count("orderCount"),
    paymentCount: count("paymentCount"),
    changedAt: new Date(fields.get("changedAt") ?? 0),
  };
}

export function toEntry(id: string, fields: ReadonlyMap<string, string>): HistoryEntry {
  const listed = fields.get("listedAt");
  const parts = [...fields].flatMap(([name, value]): [string, StoredPart][] => {
    if (!name.startsWith("part:")) return [];
    const part = name.slice("part:".length);
    return [[part, { version: Number(fields.get(`version:${part}`)), value: valueOf(value) }]];
  });
  return {
    id,
    customerId: fields.get("customerId") ?? "",
    listedAt: listed === undefined ? null : new Date(Number(listed)),
    parts: Object.fromEntries(parts),
  };
}

/** Reads what READ_BY_ID gives of segments; those that are not there are left out. */
export function entriesById(reply: Reply): HistoryEntry[] {
  return (reply as [string, string[]][]).flatMap(([id, fields]) =>
    fields.length === 0 ? [] : [toEntry(id, rowsOf(fields))],
  );
}

/** Where a segment stands in the list of its customer. */
export function memberOf({ listedAt, id }: EntryPosition): string {
  return `${String(listedAt.getTime()).padStart(15, "0")}:${id}`;
}

function valueOf(json: string): StoredPart["value"] {
  return JSON.parse(json) as StoredPart["value"];
}
