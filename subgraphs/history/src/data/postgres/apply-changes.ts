import type { SqlTransaction } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { HistoryChange } from "../../domain/history-change.ts";

/**
 * Applies changes by the database's own function, which locks heads in the order of customers.
 *
 * @param generation null for all
 */
export async function applyChanges(
  transaction: SqlTransaction,
  changes: readonly HistoryChange[],
  generation: number | null,
): Promise<void> {
  await transaction.query(
    sql`SELECT apply_history_changes(${JSON.stringify(changes)}::jsonb, ${generation}::integer)`,
  );
}
