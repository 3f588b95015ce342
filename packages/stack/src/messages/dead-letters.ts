import { setTimeout as sleep } from "node:timers/promises";
import type { StoredDeadLetter } from "@tributary/messaging";
import type { MessageDatabase } from "./message-databases.ts";

/** A dead letter, and in whose database it is. */
export interface ContextDeadLetter extends StoredDeadLetter {
  readonly context: string;
}

interface Filter {
  readonly consumer?: string;
  readonly id?: readonly string[];
}
const filterOf = ({ consumer, id }: Filter) => ({
  ...(consumer !== undefined && { consumer }),
  ...(id !== undefined && { messageIds: id }),
});

export async function listLetters(
  databases: readonly MessageDatabase[],
  filter: Filter & { limit: number },
): Promise<ContextDeadLetter[]> {
  const lists = await Promise.all(
    databases.map(async (database) => {
      const letters = await database.list(filterOf(filter), filter.limit);
      return letters.map((letter) => ({ ...letter, context: database.context }));
    }),
  );
  return lists
    .flat()
    .sort((one, other) => one.failedAt.getTime() - other.failedAt.getTime())
    .slice(0, filter.limit);
}

/** What came of dead letters that were to be handled again. */
export interface RedriveOutcome {
  readonly requested: number;
  readonly handled: number;
  /** Failed once more. */
  readonly failed: readonly ContextDeadLetter[];
  /** Nobody has taken them up yet. */
  readonly waiting: number;
}

/** Asks for dead letters to be handled again, and waits until their services have done so, or for so many seconds. */
export async function redriveLetters(
  databases: readonly MessageDatabase[],
  filter: Filter & { wait: number },
): Promise<RedriveOutcome> {
  const asked = await Promise.all(
    databases.map(async (database) => ({
      database,
      ids: await database.requestRedrive(filterOf(filter)),
    })),
  );
  const requested = asked.reduce((sum, { ids }) => sum + ids.length, 0);
  const end = performance.now() + filter.wait * 1_000;
  for (;;) {
    const left = (
      await Promise.all(
        asked.map(({ database, ids }) =>
          listLetters([database], { ...filter, id: ids, limit: Math.max(ids.length, 1) }),
        ),
      )
    ).flat();
    const waiting = left.filter(({ redriveRequestedAt }) => redriveRequestedAt !== null).length;
    if (waiting === 0 || performance.now() >= end) {
      const failed = left.filter(({ redriveRequestedAt }) => redriveRequestedAt === null);
      return { requested, handled: requested - left.length, failed, waiting };
    }
    await sleep(100);
  }
}
