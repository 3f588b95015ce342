import { Gauge, type Registry } from "prom-client";
import type { HistoryStore } from "../data/history-store.ts";
import type { Watermark } from "./watermark.ts";

/** Registers the view's metrics, which are read when they are asked for. */
export function registerViewMetrics(
  registry: Registry,
  { store, watermark }: { readonly store: HistoryStore; readonly watermark: Pick<Watermark, "asOf"> },
): void {
  const registers = [registry];
  void new Gauge({
    name: "tributary_view_lag_seconds",
    help: "How long ago the moment is before which everything that was published is in the view; none where it is not known.",
    labelNames: ["view"],
    registers,
    collect() {
      this.reset();
      const asOf = watermark.asOf();
      if (asOf) this.set({ view: "history" }, Math.max(0, Date.now() - asOf.getTime()) / 1_000);
    },
  });
  void new Gauge({
    name: "tributary_view_filled_aggregates",
    help: "Aggregates that were read into each generation of the view, by source.",
    labelNames: ["view", "generation", "status", "source"],
    registers,
    async collect() {
      this.reset();
      // A store that is away shows nothing, rather than what was.
      for (const { id, status, sources } of await store.generations().catch(() => []))
        for (const { source, items } of sources)
          this.set({ view: "history", generation: String(id), status, source }, items);
    },
  });
}
