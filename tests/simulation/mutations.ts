import type { HistoryChange } from "@tributary/history/protocol";
import type { OutboxRow } from "@tributary/messaging/protocol";
import type { Mutation } from "./mutation.ts";
import type { SimulatedProcess } from "./world/process.ts";

/** A fault that is planted, and the rules of which one must be found broken. */
export interface Planted {
  readonly mutation: Mutation;
  readonly rules: readonly string[];
  /** Within how many schedules, from the first seed on. */
  readonly within: number;
}

/** What a sound protocol has and a careless one leaves out, each planted alone. */
export const PLANTED: Readonly<Record<string, Planted>> = {
  "an event is dropped": {
    rules: ["A5"],
    within: 10,
    mutation: {
      orderStore: (sound) => ({
        ...sound,
        send: (messages) => sound.send(messages.filter(({ envelope }) => envelope.type !== "OrderConfirmed")),
      }),
    },
  },
  "a capture is made twice": {
    rules: ["A3", "A6"],
    within: 50,
    mutation: {
      // Each attempt under a key of its own.
      provider(sound) {
        let attempts = 0;
        return {
          ...sound,
          call: (request, signal) =>
            sound.call(
              request.action === "CAPTURE" ? { ...request, key: `${request.key}:${attempts++}` } : request,
              signal,
            ),
        };
      },
    },
  },
  "a release is skipped": {
    rules: ["Q1", "Q3", "A5"],
    within: 10,
    mutation: {
      creditStore: (sound) => ({
        ...sound,
        endHold: async (orderId, status) => (status === "RELEASED" ? 2 : sound.endHold(orderId, status)),
      }),
    },
  },
  "rows are marked as published before they are": {
    rules: ["A5"],
    within: 20,
    mutation: {
      outbox: (sound) => ({
        async unpublished(limit) {
          const rows = await sound.unpublished(limit);
          if (rows.length > 0) await sound.markPublished(rows);
          return rows;
        },
        async markPublished() {},
      }),
    },
  },
  "messages are acknowledged before their effects commit": {
    rules: ["A6"],
    within: 50,
    mutation: {
      handle: (sound) => async (batch, settlement) => {
        await settlement.ack(batch).catch(() => {});
        await sound(batch, { ...settlement, async ack() {}, async extend() {} });
      },
    },
  },
  "there is no inbox": {
    rules: ["A6"],
    within: 20,
    mutation: {
      consumerStore: (sound) => ({
        ...sound,
        async claim(transaction, consumer, ids) {
          await sound.claim(transaction, consumer, ids);
          return new Set(ids);
        },
      }),
    },
  },
  "the tombstone of a released order is ignored": {
    rules: ["Q1", "Q3"],
    within: 1_500,
    mutation: {
      creditStore: (sound) => ({
        ...sound,
        async readDecision(request) {
          const decision = await sound.readDecision(request);
          return decision.refusal === "RELEASED" ? { ...decision, refusal: null } : decision;
        },
      }),
    },
  },
  "a relay remembers the last number that it has read": {
    rules: ["Q4"],
    within: 50,
    mutation: {
      outbox(sound) {
        let last = 0;
        return {
          ...sound,
          async unpublished(limit) {
            const rows = (await sound.unpublished(limit)).filter(({ seq }) => Number(seq) > last);
            last = Math.max(last, ...rows.map(({ seq }) => Number(seq)));
            return rows;
          },
        };
      },
    },
  },
  "two relays share the rows of a shard (SKIP LOCKED)": {
    rules: ["A5"],
    within: 1_000,
    mutation: {
      // Each is told that it has all shards, and passes over the rows that the other is publishing.
      locks: (sound) => ({
        ...sound,
        tryLock: async () => true,
        look: async () => ({ members: 1, own: [], others: new Set() }),
      }),
      outbox(sound, process) {
        let own: readonly OutboxRow[] = [];
        const letGo = (): void => own.forEach(({ envelope }) => publishing.delete(envelope));
        return {
          async unpublished(limit) {
            letGo();
            const rows = await sound.unpublished(limit);
            own = rows.filter(({ envelope }) => !publishing.get(envelope)?.alive()).slice(0, 1);
            for (const { envelope } of own) publishing.set(envelope, process);
            return own;
          },
          async markPublished(rows) {
            await sound.markPublished(rows);
            letGo();
          },
        };
      },
    },
  },
  "a reservation does not wait for others of its customer": {
    rules: ["A1"],
    within: 3_000,
    mutation: {
      creditStore: (sound, transaction) => ({
        ...sound,
        lockCustomer: (id) =>
          transaction.statement("read the customer", () => {
            const row = transaction.get("customers", id);
            return (
              row && {
                status: row.status,
                creditLimit: { amountMinor: row.limitMinor, currency: row.currency },
              }
            );
          }),
      }),
    },
  },
  "a refund is made on top of a reversal": {
    rules: ["A6"],
    within: 2_000,
    mutation: {
      paymentStore: (sound) => ({ ...sound, hasOpenReversal: async () => false }),
    },
  },
  "a relay does not know of a lock whose answer was lost": {
    rules: ["Q4"],
    within: 600,
    mutation: {
      locks: (sound) => {
        const known = new Set<number>();
        return {
          ...sound,
          async look() {
            const { members, own, others } = await sound.look();
            const [mine, lost] = [
              own.filter((shard) => known.has(shard)),
              own.filter((shard) => !known.has(shard)),
            ];
            return { members, own: mine, others: new Set([...others, ...lost]) };
          },
          async tryLock(shard) {
            const isMine = await sound.tryLock(shard);
            if (isMine) known.add(shard);
            return isMine;
          },
        };
      },
    },
  },
  "an event does not reach the view": {
    rules: ["Q5"],
    within: 10,
    mutation: {
      view: (sound) => ({
        apply(messageId, changes) {
          if (changes[0]?.value["status"] !== "CONFIRMED") sound.apply(messageId, changes);
        },
      }),
    },
  },
  "a view is one version behind": {
    rules: ["Q5"],
    within: 10,
    mutation: {
      // What an aggregate's last event said comes with its next one.
      view: (sound, { process }) => ({
        apply(messageId, changes) {
          const told = behind.get(process) ?? new Map<string, readonly HistoryChange[]>();
          behind.set(process, told);
          const [{ entryId, part }] = changes as [HistoryChange];
          const key = `${entryId} ${part}`;
          sound.apply(messageId, told.get(key) ?? []);
          told.set(key, changes);
        },
      }),
    },
  },
  "an old version overwrites a newer one": {
    rules: ["Q5"],
    within: 200,
    mutation: { isNewer: () => true },
  },
};

/** What the view that is one version behind was told last in a process, by part. */
const behind = new WeakMap<SimulatedProcess, Map<string, readonly HistoryChange[]>>();

/** The messages that a relay has taken, and is publishing. */
const publishing = new WeakMap<object, SimulatedProcess>();

/** Relays that hold the same shards at the same time: messages are published more than once, and nothing is broken. */
export const SHARED_SHARDS: Mutation = {
  locks: (sound) => ({
    ...sound,
    tryLock: async () => true,
    look: async () => ({ members: 1, own: [], others: new Set() }),
  }),
};
