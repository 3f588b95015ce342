import { randomUUID } from "node:crypto";
import type { SnapshotPage } from "@tributary/channels";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { HistoryChange, HistoryEntry } from "../domain/history-change.ts";
import { changesOf, type AggregateState } from "../domain/projection.ts";
import {
  NoLiveGenerationError,
  SOURCES,
  type HistoryRead,
  type HistoryStore,
  type HistoryTransaction,
  type Source,
} from "./history-store.ts";

export interface StoreUnderTest {
  readonly store: HistoryStore;
  /** Empties the store. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const CONSUMER = "history";
const FIRST_PAGE = { first: 100, after: null };
const SEED = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

/** Events that tell a short story of a customer: two orders, one paid for and one refused, and a payment on account. */
export function story(customerId: string = randomUUID()): AggregateState[] {
  const [one, two, payment, account] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  const event = (aggregateType: string, aggregateId: string, aggregateVersion: number, data: object) => ({
    ...{ aggregateType, aggregateId, aggregateVersion, occurredAt: at(aggregateVersion) },
    data: { customerId, currency: "USD", ...data },
  });
  const customer = (version: number, status: string, creditLimitMinor: number) =>
    event("customer", customerId, version, { number: "C-1", name: "Ada’s “Toys”", status, creditLimitMinor });
  const order = (id: string, version: number, status: string) =>
    event("order", id, version, {
      ...{
        orderId: id,
        number: `O-${id.slice(0, 4)}`,
        status,
        paymentTerms: "PREPAID",
        totalMinor: 9007199254740991,
      },
      ...{ placedAt: at(id === one ? 1 : 2), rejectionReason: status === "REJECTED" ? "DECLINED" : null },
      ...(version === 1 && {
        lines: [{ lineNumber: 1, productCode: "P-1", unitPriceMinor: 9007199254740991 }],
        lineCount: 1,
      }),
    });
  const credit = (id: string, version: number, status: string) =>
    event("credit-reservation", id, version, { orderId: id, status, amountMinor: 9007199254740991 });
  const paid = (id: string, orderId: string | null, version: number, status: string) =>
    event("payment", id, version, {
      ...{
        paymentId: id,
        orderId,
        reference: null,
        status,
        method: "CARD",
        amountMinor: 500,
        refundCount: 0,
      },
      ...{ capturedMinor: version > 2 ? 500 : 0, refundedMinor: 0, requestedAt: at(3), capturedAt: null },
    });
  return [
    ...[customer(1, "ACTIVE", 100), customer(2, "ACTIVE", 200), customer(3, "SUSPENDED", 200)],
    ...[order(one, 1, "PENDING"), order(one, 2, "CREDIT_RESERVED"), order(one, 3, "CONFIRMED")],
    ...[credit(one, 1, "HELD"), paid(payment, one, 1, "REQUESTED"), paid(payment, one, 2, "AUTHORISED")],
    ...[paid(payment, one, 3, "CAPTURED"), order(two, 1, "PENDING"), credit(two, 1, "HELD")],
    ...[credit(two, 2, "RELEASED"), order(two, 2, "REJECTED")],
    ...[paid(account, null, 1, "REQUESTED"), paid(account, null, 2, "AUTHORISED")],
  ];
}

/** What every store keeps, whatever it is made of. */
export function describeStore(open: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: HistoryStore;
  beforeAll(async () => {
    under = await open();
    ({ store } = under);
  }, 60_000);
  beforeEach(() => under.reset());
  afterAll(() => under?.stop());

  /** Handles messages as a consumer does, one transaction for them all. */
  const handle = (
    work: (transaction: HistoryTransaction, id: string) => void,
    ids: string[] = [randomUUID()],
  ) =>
    store.transaction(async (transaction) => {
      for (const id of await store.claim(transaction, CONSUMER, ids)) work(transaction, id);
    });
  const apply = (...events: readonly AggregateState[]) =>
    handle((transaction, id) => transaction.apply(id, events.flatMap(changesOf)));
  const page = async (
    generation: number,
    source: Source,
    items: readonly AggregateState[],
    next: string | null,
  ) => {
    const progress = (await store.generations())
      .find(({ id }) => id === generation)!
      .sources.find((each) => each.source === source)!;
    const turned = { ...progress, next, items: items as SnapshotPage["items"] };
    await handle((transaction, id) => transaction.turnPage(id, turned, items.flatMap(changesOf)));
    return turned;
  };
  const sourceOf = ({ aggregateType }: AggregateState): Source =>
    (({ customer: "customers", "credit-reservation": "reservations", order: "orders" }) as const)[
      aggregateType
    ] ?? "payments";
  /** Fills a generation with the newest state of each aggregate, as the contexts' pages do. */
  const fill = async (generation: number, events: readonly AggregateState[]) => {
    const newest = new Map(events.map((event) => [event.aggregateType + event.aggregateId, event]));
    for (const source of Object.keys(SOURCES) as Source[]) {
      const items = [...newest.values()]
        .filter((event) => sourceOf(event) === source)
        .map((event) => {
          const first = events.find(
            ({ aggregateId, aggregateType }) =>
              aggregateId === event.aggregateId && aggregateType === event.aggregateType,
          )!;
          return { ...event, data: { ...(first.data as object), ...(event.data as object) } };
        });
      await page(generation, source, items, null);
    }
  };
  const rebuild = async (events: readonly AggregateState[] = []) => {
    const generation = await store.begin("SERVE");
    await fill(generation, events);
    expect(await store.finish(generation)).toBe(true);
    return generation;
  };
  const documentOf = async (events: readonly AggregateState[]) => {
    const { customerId } = events[0]!.data as { customerId: string };
    return (await store.read([customerId], FIRST_PAGE)).get(customerId);
  };

  test("without a live generation there is nothing to read, and that is said", async () => {
    await expect(store.read([randomUUID()], FIRST_PAGE)).rejects.toBeInstanceOf(NoLiveGenerationError);
    await expect(store.entries([randomUUID()])).rejects.toBeInstanceOf(NoLiveGenerationError);
    const generation = await store.begin("SERVE");
    await expect(store.read([randomUUID()], FIRST_PAGE)).rejects.toBeInstanceOf(NoLiveGenerationError);
    expect(await store.finish(generation)).toBe(false); // nothing was read into it
    await fill(generation, []);
    expect(await store.finish(generation)).toBe(true);
    expect(await store.read([randomUUID()], FIRST_PAGE)).toEqual(new Map());
    expect(await store.entries([randomUUID()])).toEqual(new Map());
  });

  test("a document has what its events say, exactly", async () => {
    await rebuild();
    const events = story();
    await apply(...events);
    const { head, entries } = (await documentOf(events))!;
    expect(head).toMatchObject({
      customer: { version: 3, value: { name: "Ada’s “Toys”", status: "SUSPENDED", creditLimitMinor: 200 } },
      held: { USD: 9007199254740991 },
      ...{ entryCount: 3, orderCount: 2, paymentCount: 2 },
      changedAt: new Date("2026-01-01T12:03:00.000Z"),
    });
    expect(entries.map(({ listedAt }) => listedAt?.toISOString().slice(14, 16))).toEqual(["03", "02", "01"]);
    const first = entries[2]!;
    expect(first.parts["order"]).toMatchObject({
      version: 3,
      value: { status: "CONFIRMED", totalMinor: 9007199254740991 },
    });
    expect(first.parts["lines"]?.value["lines"]).toMatchObject([{ unitPriceMinor: 9007199254740991 }]);
    expect(first.parts["reservation"]).toMatchObject({ version: 1, value: { status: "HELD" } });
    expect(Object.keys(first.parts).filter((part) => part.startsWith("payment:"))).toHaveLength(1);
    expect(await store.entries([first.id])).toEqual(new Map([[first.id, first]]));
  });

  test("any order of events, with repetitions, in batches of any size, gives the same document", async () => {
    await rebuild();
    const told = story();
    await apply(...told);
    const expected = JSON.stringify(await documentOf(told));
    const original = (told[0]!.data as { customerId: string }).customerId;
    const renamed = (text: string, customerId: string) => text.replaceAll(original, customerId);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...told, ...told], { minLength: 2 * told.length }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2 * told.length, maxLength: 2 * told.length }),
        async (shuffled, sizes) => {
          const customerId = randomUUID();
          // The story of somebody else with orders and payments of their own.
          const ids = new Map(told.map(({ aggregateId }) => [aggregateId, randomUUID()]));
          let text = renamed(JSON.stringify(shuffled), customerId);
          for (const [id, other] of ids) text = text.replaceAll(id, other);
          const events = JSON.parse(text) as AggregateState[];
          for (const size of sizes) if (events.length > 0) await apply(...events.splice(0, size));
          const { head, entries } = (await store.read([customerId], FIRST_PAGE)).get(customerId)!;
          let seen = JSON.stringify({ head, entries });
          for (const [id, other] of ids) seen = seen.replaceAll(other, id);
          const canonical = (json: string) => sorted(JSON.parse(json.replaceAll(/O-[0-9a-f]{4}/g, "O-")));
          expect(canonical(renamed(seen, original).replaceAll(customerId, original))).toEqual(
            canonical(expected),
          );
        },
      ),
      { numRuns: 40, seed: SEED },
    );
  });

  test("writers that run side by side lose nothing, and do not wait for each other for ever", async () => {
    await rebuild();
    const stories = [story(), story(), story()];
    const writers = [1, 2, 3, 4, 5, 6].map((writer) =>
      stories.flatMap((events) => (writer % 2 === 0 ? events : events.toReversed())),
    );
    await Promise.all(
      writers.map(async (events) => {
        while (events.length > 0) await apply(...events.splice(0, 7));
      }),
    );
    for (const events of stories) {
      const { head } = (await documentOf(events))!;
      expect(head).toMatchObject({
        orderCount: 2,
        paymentCount: 2,
        entryCount: 3,
        held: { USD: 9007199254740991 },
      });
    }
  });

  test("an event that is not newer is ignored, also where it says something else", async () => {
    await rebuild();
    const events = story();
    await apply(...events);
    const before = await documentOf(events);
    const forged = events.map((event) => ({
      ...event,
      data: { ...(event.data as object), status: "CLOSED", number: "X" },
    }));
    await apply(...forged);
    expect(await documentOf(events)).toEqual(before);
  });

  test("a message that was noted before has no effect again", async () => {
    await rebuild();
    const [registered] = story();
    const id = randomUUID();
    const again = { ...registered!, aggregateVersion: 9 };
    await handle((transaction, each) => transaction.apply(each, changesOf(registered!)), [id]);
    await handle(
      (transaction, each) => transaction.apply(each, changesOf(again)),
      [id, randomUUID()].slice(0, 1),
    );
    expect((await documentOf([registered!]))?.head.customer?.version).toBe(1);
    // Side by side, each with an effect that would show.
    const fresh = randomUUID();
    const orders = [1, 2, 3, 4].map(() => story((registered!.data as { customerId: string }).customerId)[3]!);
    await Promise.all(
      orders.map((order) =>
        handle((transaction, each) => transaction.apply(each, changesOf(order)), [fresh]),
      ),
    );
    expect((await documentOf([registered!]))?.head).toMatchObject({
      orderCount: 1,
      customer: { version: 1 },
    });
  });

  test("a transaction whose handler fails leaves neither effects nor notes", async () => {
    await rebuild();
    const [registered] = story();
    const id = randomUUID();
    const failing = store.transaction(async (transaction) => {
      await store.claim(transaction, CONSUMER, [id]);
      transaction.apply(id, changesOf(registered!));
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await documentOf([registered!])).toBeUndefined();
    await handle((transaction, each) => transaction.apply(each, changesOf(registered!)), [id]);
    expect((await documentOf([registered!]))?.head.customer?.version).toBe(1);
  });

  test("a generation is filled beside the live one while events keep coming, and is whole when it is swapped in", async () => {
    const old = await rebuild();
    const [early, late] = [story(), story()];
    await apply(...early);
    const next = await store.begin("SERVE");
    expect(await store.begin("SERVE")).toBe(next); // one at a time
    await apply(...late.slice(0, 8)); // to both
    await page(next, "customers", [], randomUUID());
    expect(await store.finish(next)).toBe(false);
    const before = await documentOf(early);
    await fill(next, early);
    await apply(...late.slice(8));
    expect(await documentOf(early)).toEqual(before); // the live one is as it was
    expect(await store.finish(next)).toBe(true);
    expect(await store.finish(next)).toBe(false);
    expect(await documentOf(early)).toEqual({
      ...before,
      head: { ...before!.head, changedAt: expect.any(Date) },
    });
    expect((await documentOf(late))?.head).toMatchObject({ orderCount: 2, paymentCount: 2, entryCount: 3 });
    expect((await store.generations()).map(({ id, status }) => [id, status])).toEqual([[next, "LIVE"]]);

    while ((await store.sweep(2)) > 0);
    expect(await store.headsOf(old, null, 10)).toEqual([]);
    expect(await store.entriesOf(old, null, 10)).toEqual([]);
    expect((await documentOf(early))?.entries).toHaveLength(3);
  });

  test("who reads during a swap sees one generation or the other, and never neither", async () => {
    await rebuild();
    const events = story();
    await apply(...events);
    let swaps = 0;
    const reads = new Set<number | undefined>();
    const swapping = (async () => {
      for (; swaps < 5; swaps++) {
        await rebuild(events);
        await store.sweep(100);
      }
    })();
    for (let done = false; !done; done = swaps === 5) reads.add((await documentOf(events))?.entries.length);
    await swapping;
    expect([...reads]).toEqual([3]);
  });

  test("a page counts once, in its place, and only for the reading that it is of", async () => {
    const generation = await store.begin("SERVE");
    const [one, two] = [story(), story()];
    const id = randomUUID();
    const first = await page(generation, "customers", one.slice(2, 3), id);
    const progress = async () =>
      (await store.generations())[0]!.sources.find(({ source }) => source === "customers")!;
    expect(await progress()).toMatchObject({ after: id, items: 1, isDone: false });
    await handle((transaction, each) =>
      transaction.turnPage(each, first, two.slice(0, 1).flatMap(changesOf)),
    );
    expect(await progress()).toMatchObject({ after: id, items: 1, isDone: false });
    expect(await store.headsOf(generation, null, 10)).toHaveLength(1);
    await handle((transaction, each) => transaction.readAgain(each, "customers"));
    expect(await progress()).toMatchObject({ after: null, items: 0, isDone: false });
    expect((await progress()).snapshotId).not.toBe(first.snapshotId);
    await handle((transaction, each) =>
      transaction.turnPage(each, first, two.slice(0, 1).flatMap(changesOf)),
    );
    expect(await progress()).toMatchObject({ after: null, items: 0 });
  });

  test("a check's generation is filled, is not served, and goes", async () => {
    await rebuild();
    const events = story();
    await apply(...events);
    const check = await store.begin("CHECK");
    await fill(check, events);
    expect(await store.finish(check)).toBe(true);
    expect((await store.generations()).map(({ purpose, status }) => `${purpose} ${status}`)).toEqual([
      "SERVE LIVE",
      "CHECK READY",
    ]);
    const live = (await store.generations())[0]!.id;
    expect(await store.entriesOf(check, null, 10)).toEqual(await store.entriesOf(live, null, 10));
    const [head] = await store.headsOf(live, null, 10);
    expect(await store.headsOf(check, null, 10)).toEqual([{ ...head, changedAt: expect.any(Date) }]);
    await store.retire(live); // not the one that is served
    await store.retire(check);
    while ((await store.sweep(100)) > 0);
    expect((await store.generations()).map(({ id }) => id)).toEqual([live]);
    expect(await store.headsOf(check, null, 10)).toEqual([]);
  });

  test("pages of a long history follow each other, and ids are walked in order", async () => {
    const live = await rebuild();
    const customerId = randomUUID();
    const orders = Array.from({ length: 25 }, (_, index) => {
      const change: HistoryChange = {
        ...{ customerId, entryId: randomUUID(), part: "order", version: 1, value: { index } },
        // Some of the same moment.
        listedAt: new Date(Date.UTC(2026, 0, 1, 0, Math.floor(index / 3))).toISOString(),
        ...{ changedAt: "2026-01-01T00:00:00.000Z", counts: "orders", held: null },
      };
      return change;
    });
    await handle((transaction, id) => transaction.apply(id, orders));
    const seen: string[] = [];
    for (let after: { listedAt: Date; id: string } | null = null; ;) {
      const { entries, head }: HistoryRead = (await store.read([customerId], { first: 10, after })).get(
        customerId,
      )!;
      expect(head.entryCount).toBe(25);
      seen.push(...entries.map(({ id }) => id));
      const last = entries.at(-1);
      if (!last) break;
      after = { listedAt: last.listedAt!, id: last.id };
    }
    const expected = orders.toSorted((a, b) =>
      a.listedAt === b.listedAt ? (a.entryId! < b.entryId! ? 1 : -1) : a.listedAt! < b.listedAt! ? 1 : -1,
    );
    expect(seen).toEqual(expected.map(({ entryId }) => entryId));
    const none = (await store.read([customerId], { first: 0, after: null })).get(customerId)!;
    expect(none).toMatchObject({ head: { entryCount: 25 }, entries: [] });
    const walked: string[] = [];
    for (let after: string | null = null; ;) {
      const entries: HistoryEntry[] = await store.entriesOf(live, after, 7);
      walked.push(...entries.map(({ id }) => id));
      if (entries.length === 0) break;
      after = entries.at(-1)!.id;
    }
    expect(walked).toEqual(expected.map(({ entryId }) => entryId!).toSorted());
  });

  test("dead letters are kept, listed, and gone when they are handled", async () => {
    const messageId = randomUUID();
    const letter = {
      consumer: CONSUMER,
      messageId,
      channel: "order.events",
      envelope: { a: 1 },
      error: "no",
      attempts: 9,
    };
    await store.bury(letter);
    expect(await store.countDeadLetters()).toEqual([{ consumer: CONSUMER, count: 1 }]);
    expect(await store.listDeadLetters({}, 10)).toMatchObject([{ ...letter, redriveRequestedAt: null }]);
    expect(await store.requestedRedrives(CONSUMER, 10)).toEqual([]);
    expect(await store.requestRedrive({ messageIds: [randomUUID()] })).toEqual([]);
    expect(await store.requestRedrive({ consumer: CONSUMER })).toEqual([messageId]);
    expect(await store.requestedRedrives(CONSUMER, 10)).toMatchObject([letter]);
    await store.bury({ ...letter, error: "still no" });
    expect(await store.requestedRedrives(CONSUMER, 10)).toEqual([]);
    expect(await store.listDeadLetters({ messageIds: [messageId] }, 10)).toMatchObject([
      { error: "still no" },
    ]);
    await store.transaction(async (transaction) => {
      await store.claim(transaction, CONSUMER, [messageId]);
      await store.unbury(transaction, letter);
    });
    expect(await store.countDeadLetters()).toEqual([]);
  });
}

/** With keys in order, so that stores which keep them in another one compare equal. */
function sorted(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    ),
  );
}
