import type { CreditStore } from "@tributary/customer/protocol";
import { short } from "../world/broker.ts";
import { DatabaseError, type Database, type Transaction } from "../world/database.ts";
import type { StoredReservation } from "../tables.ts";
import { send } from "./messages.ts";

/** The store of one transaction of the customer context. */
export function createSimulatedCreditStore(database: Database, transaction: Transaction): CreditStore {
  return {
    lockCustomer: (id) =>
      transaction.statement(`lock customer ${short(id)}`, async () => {
        if (transaction.get("customers", id) === null) return null;
        await transaction.lock("customers", id);
        const { status, limitMinor, currency } = transaction.get("customers", id)!;
        return { status, creditLimit: { amountMinor: limitMinor, currency } };
      }),
    readDecision: ({ orderId, customerId }) =>
      transaction.statement(`read what was decided on ${short(orderId)}`, () => {
        const sums = new Map<string, number>();
        for (const row of transaction.rows("credit_reservations")) {
          if (row.customerId === customerId && row.status === "HELD")
            sums.set(row.currency, (sums.get(row.currency) ?? 0) + row.amountMinor);
        }
        const reservation = transaction.get("credit_reservations", orderId);
        return {
          status: reservation?.status ?? null,
          version: reservation?.version ?? 0,
          refusal: transaction.get("refused_reservations", orderId)?.reason ?? null,
          held: [...sums].map(([currency, amountMinor]) => ({ amountMinor, currency })),
        };
      }),
    hold: ({ orderId, customerId, amount: { amountMinor, currency } }) =>
      transaction.statement(`hold ${amountMinor} for ${short(orderId)}`, async () => {
        const row: StoredReservation = {
          orderId,
          customerId,
          amountMinor,
          currency,
          status: "HELD",
          version: 1,
        };
        if (!(await transaction.insert("credit_reservations", orderId, row)))
          throw new DatabaseError("23505", `${orderId} has a reservation already`);
      }),
    endHold: (orderId, status) =>
      transaction.statement(`the hold of ${short(orderId)} is ${status}`, async () => {
        if (transaction.get("credit_reservations", orderId) === null) return 0;
        await transaction.lock("credit_reservations", orderId);
        const row = transaction.get("credit_reservations", orderId)!;
        transaction.put("credit_reservations", orderId, { ...row, status, version: row.version + 1 });
        return row.version + 1;
      }),
    refuse: ({ orderId }, reason) =>
      transaction.statement(`refuse ${short(orderId)}: ${reason}`, async () => {
        await transaction.insert("refused_reservations", orderId, { reason });
      }),
    send: (messages) => send(database, transaction, messages),
  };
}
