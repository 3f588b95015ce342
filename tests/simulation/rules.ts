import { ledgerSums } from "./money.ts";
import type { Context } from "./plan.ts";
import type { StoredCustomer, StoredReservation, TableName } from "./tables.ts";
import type { Transaction, Write } from "./world/database.ts";

/** What must hold at every moment (A1-A4, A6), looked at with each commit. */
export interface Rules {
  onCommit(context: Context, writes: readonly Write[], transaction: Pick<Transaction, "effects">): void;
  /** What was broken so far. Each finding begins with the rule's name. */
  readonly findings: string[];
  /** How often each message had its effect: by `<consumer> <message>`. */
  readonly effects: ReadonlyMap<string, number>;
}

/** Creates the rules of a world with nothing in it; customers have the limits that were committed last. */
export function createRules(customers: Iterable<StoredCustomer> = []): Rules {
  const findings: string[] = [];
  const effects = new Map<string, number>();
  const limits = new Map([...customers].map(({ id, limitMinor }) => [id, limitMinor]));
  const held = new Map<string, number>();
  const versions = new Map<string, number>();
  const payments = new Map<string, string>();

  function checkReservation(before: StoredReservation | null, after: StoredReservation | null): void {
    for (const [row, sign] of [
      [before, -1],
      [after, 1],
    ] as const) {
      if (row?.status === "HELD")
        held.set(row.customerId, (held.get(row.customerId) ?? 0) + sign * row.amountMinor);
    }
    if (before !== null || after?.status !== "HELD") return;
    const [sum, limit] = [held.get(after.customerId) ?? 0, limits.get(after.customerId) ?? 0];
    if (sum > limit)
      findings.push(`A1 ${sum} is held for customer ${after.customerId}, whose limit is ${limit}`);
  }

  const checks: { readonly [T in TableName]?: (write: Write & { table: T }) => void } = {
    customers: ({ key, after }) => void limits.set(key, after?.limitMinor ?? 0),
    credit_reservations: ({ before, after }) => checkReservation(before, after),
    order_events({ key }) {
      const [orderId, version] = key.split(" ") as [string, string];
      const last = versions.get(orderId) ?? 0;
      if (Number(version) !== last + 1)
        findings.push(`A4 order ${orderId} has event ${version} after ${last}`);
      versions.set(orderId, Number(version));
    },
    payments({ key, after }) {
      const orderId = after?.orderId;
      if (orderId == null) return;
      const other = payments.get(orderId) ?? key;
      if (other !== key) findings.push(`A2 order ${orderId} has the payments ${other} and ${key}`);
      payments.set(orderId, other);
    },
    ledger_entries({ key, after }) {
      const { authorised, captured, refunded, voided } = ledgerSums(after?.entries ?? []);
      if (refunded > captured || captured + voided > authorised)
        findings.push(
          `A3 payment ${key}: ${authorised} authorised, ${captured} captured, ${refunded} refunded`,
        );
    },
  };

  return {
    findings,
    effects,
    onCommit(context, writes, transaction) {
      for (const write of writes) (checks[write.table] as ((each: Write) => void) | undefined)?.(write);
      for (const effect of transaction.effects) {
        const count = (effects.get(effect) ?? 0) + 1;
        effects.set(effect, count);
        if (count > 1) findings.push(`A6 ${effect} had its effect ${count} times in ${context}`);
      }
    },
  };
}
