import type { DocumentNode, OperationDefinitionNode } from "graphql";
import type { Client } from "./client.ts";
import { operationText } from "./operation-text.ts";
import type { Usage } from "./usage-format.ts";

/** How much is kept. Requests that find no room are counted all the same, without their operation. */
export interface UsageLimits {
  readonly operations: number;
  /** Of one operation's text. */
  readonly characters: number;
  /** Of all operations' texts together. */
  readonly charactersInAll: number;
  readonly clientsOfAnOperation: number;
}

export const usageLimits: UsageLimits = {
  operations: 2_000,
  characters: 32_768,
  charactersInAll: 4_194_304,
  clientsOfAnOperation: 50,
};

interface ClientEntry {
  readonly client: Client;
  count: number;
  firstSeen: number;
  lastSeen: number;
}

interface OperationEntry {
  readonly name: string | null;
  readonly type: Usage["operations"][number]["type"];
  readonly clients: Map<string, ClientEntry>;
  lastSeen: number;
}

/** Which operations were sent, by whom and how often. */
export interface UsageRecord {
  /** Notes a request that is about to run. */
  count(document: DocumentNode, operation: OperationDefinitionNode, client: Client): void;
  /** Notes what was noted elsewhere. */
  add(other: Pick<Usage, "leftOut" | "operations">): void;
  /** All that was noted, with the operations that were noted first in front. */
  read(): Omit<Usage, "format" | "version">;
  /** Counts up with each request. */
  readonly requests: number;
}

/**
 * Makes a record.
 *
 * @param earlier what was noted before, to go on from
 */
export function createUsageRecord(earlier: Usage | null, limits = usageLimits): UsageRecord {
  const operations = new Map<string, OperationEntry>();
  // Documents are kept by whoever parses them, so that most requests find theirs here.
  const texts = new WeakMap<OperationDefinitionNode, string>();
  const since = earlier?.since ?? new Date().toISOString();
  const leftOut = earlier?.leftOut ?? { requests: 0, last: null };
  let requests = 0;
  let characters = 0;

  const forget = (body: string, { clients }: OperationEntry) => {
    operations.delete(body);
    characters -= body.length;
    for (const { count, lastSeen } of clients.values()) leaveOut(count, lastSeen);
  };
  const leaveOut = (count: number, lastSeen: number) => {
    leftOut.requests += count;
    const last = new Date(lastSeen).toISOString();
    if (leftOut.last === null || leftOut.last < last) leftOut.last = last;
  };
  /** Forgets those that were not seen for the longest time; several at once, as all have to be looked at for that. */
  const makeRoom = (body: string) => {
    const full = () =>
      operations.size >= limits.operations || characters + body.length > limits.charactersInAll;
    if (!full()) return;
    const oldest = [...operations].sort(([, one], [, other]) => one.lastSeen - other.lastSeen);
    const some = Math.ceil(oldest.length / 10);
    for (const [index, [text, entry]] of oldest.entries()) {
      if (index >= some && !full()) return;
      forget(text, entry);
    }
  };
  const entryOf = (body: string, make: () => Pick<OperationEntry, "name" | "type">): OperationEntry => {
    const known = operations.get(body);
    if (known !== undefined) return known;
    makeRoom(body);
    const entry = { ...make(), clients: new Map<string, ClientEntry>(), lastSeen: 0 };
    operations.set(body, entry);
    characters += body.length;
    return entry;
  };
  const note = (entry: OperationEntry, { client, count, firstSeen, lastSeen }: ClientEntry) => {
    entry.lastSeen = Math.max(entry.lastSeen, lastSeen);
    const ownKey = keyOf(client);
    const room = entry.clients.has(ownKey) || entry.clients.size < limits.clientsOfAnOperation;
    const [key, own] = room ? [ownKey, client] : [keyOf(nobody), nobody];
    const known = entry.clients.get(key);
    if (known === undefined) {
      entry.clients.set(key, { client: own, count, firstSeen, lastSeen });
      return;
    }
    known.count += count;
    known.firstSeen = Math.min(known.firstSeen, firstSeen);
    known.lastSeen = Math.max(known.lastSeen, lastSeen);
  };

  const noteAll = (all: Usage["operations"]) => {
    for (const { name, type, body, clients } of all) {
      const entry = entryOf(body, () => ({ name, type }));
      for (const { count, firstSeen, lastSeen, ...client } of clients) {
        note(entry, { client, count, firstSeen: Date.parse(firstSeen), lastSeen: Date.parse(lastSeen) });
      }
    }
  };
  noteAll(earlier?.operations ?? []);

  return {
    get requests() {
      return requests;
    },
    count(document, operation, client) {
      requests += 1;
      const now = Date.now();
      const body = texts.get(operation) ?? operationText(document, operation);
      texts.set(operation, body);
      if (body.length > limits.characters) {
        leaveOut(1, now);
        return;
      }
      const entry = entryOf(body, () => ({
        name: operation.name?.value ?? null,
        type: operation.operation,
      }));
      note(entry, { client, count: 1, firstSeen: now, lastSeen: now });
    },
    add(other) {
      const counts = other.operations.flatMap(({ clients }) => clients.map(({ count }) => count));
      requests += counts.reduce((sum, count) => sum + count, other.leftOut.requests);
      if (other.leftOut.last !== null) leaveOut(other.leftOut.requests, Date.parse(other.leftOut.last));
      noteAll(other.operations);
    },
    read: () => ({
      since,
      written: new Date().toISOString(),
      leftOut: { ...leftOut },
      operations: [...operations].map(([body, { name, type, clients }]) => ({
        name,
        type,
        body,
        clients: [...clients.values()].map(({ client, count, firstSeen, lastSeen }) => ({
          name: client.name,
          version: client.version,
          count,
          firstSeen: new Date(firstSeen).toISOString(),
          lastSeen: new Date(lastSeen).toISOString(),
        })),
      })),
    }),
  };
}

/** Who did not tell who it is, and all for whom there is no room. */
const nobody: Client = { name: null, version: null };

function keyOf({ name, version }: Client): string {
  return `${name}\n${version}`;
}
