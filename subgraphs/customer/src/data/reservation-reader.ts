import {
  createLoader,
  pageRequest,
  toConnection,
  toMoney,
  type Connection,
  type LoadingOptions,
  type Ordering,
} from "@tributary/subgraph-kit";
import type { ReservationRecord } from "../domain/reservation.ts";
import { parseId } from "../domain/visibility.ts";
import type { CreditReservation, PrismaClient } from "../generated/prisma/client.ts";

export type ReservationConnection = Connection<ReservationRecord>;

/** Reads reservations for one request, everybody's: who may ask is seen to by the caller. */
export interface ReservationReader {
  /** By any text that may be an order's id. */
  ofOrder(orderId: string): Promise<ReservationRecord | null>;
  /** @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR */
  list(args: { first: number; after?: string | null | undefined }): Promise<ReservationConnection>;
}

const BY_ORDER: Ordering = { name: "ORDER_ID", column: "order_id", type: "text", direction: "ASC" };

export function createReservationReader(prisma: PrismaClient, loading: LoadingOptions): ReservationReader {
  const ofOrder = createLoader(loading, async (ids) => {
    const rows = await prisma.creditReservation.findMany({ where: { orderId: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.orderId, recordOf(row)]));
  });
  return {
    async ofOrder(text) {
      const id = parseId(text);
      return id === null ? null : ofOrder.load(id);
    },
    async list(args) {
      const page = pageRequest(args, BY_ORDER);
      const rows = await prisma.creditReservation.findMany({
        ...(page.after && { where: { orderId: { gt: page.after.id } } }),
        orderBy: { orderId: "asc" },
        take: page.first + 1,
      });
      return toConnection(page, rows.map(recordOf), {
        positionOf: ({ orderId }) => ({ value: orderId, id: orderId }),
        totalCount: () => prisma.creditReservation.count(),
      });
    },
  };
}

function recordOf({ amountMinor, currency, ...row }: CreditReservation): ReservationRecord {
  return { ...row, amount: toMoney(amountMinor, currency) };
}
