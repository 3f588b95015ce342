import { sql } from "@tributary/subgraph-kit";
import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";
import { SAGA_STEPS } from "../domain/saga.ts";

/** Registers how many sagas wait for the reply to each step, and how many are past their deadline. Read when asked for. */
export function registerSagaMetrics(registry: Registry, pool: Pool): void {
  const registers = [registry];
  const overdue = new Gauge({
    name: "tributary_sagas_overdue",
    help: "Sagas past the deadline of their step.",
    registers,
  });
  void new Gauge({
    name: "tributary_sagas_waiting",
    help: "Sagas that wait for the reply to a step.",
    labelNames: ["step"],
    registers,
    async collect() {
      const { rows } = await pool.query<{ step: string; waiting: number; overdue: number }>(
        sql`SELECT step::text, count(*)::int AS waiting, count(*) FILTER (WHERE deadline < now())::int AS overdue FROM order_sagas WHERE deadline IS NOT NULL GROUP BY step`,
      );
      const waiting = new Map(rows.map((row) => [row.step, row.waiting]));
      for (const step of SAGA_STEPS) this.set({ step }, waiting.get(step) ?? 0);
      overdue.set(rows.reduce((sum, row) => sum + row.overdue, 0));
    },
  });
}
