import { Counter, Registry } from "prom-client";
import { expect, test } from "vitest";
import { startMetricsServer } from "./metrics-server.ts";

test("metrics are served at /metrics alone, and a registry that fails says so", async () => {
  const registry = new Registry();
  const counter = new Counter({ name: "things_total", help: "Things.", registers: [registry] });
  const { port, stop } = await startMetricsServer({ registry, host: "127.0.0.1", port: 0 });
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  try {
    counter.inc(3);
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(await response.text()).toContain("things_total 3");
    expect((await get("/")).status).toBe(404);
    registry.metrics = () => Promise.reject(new Error("no"));
    expect((await get("/metrics")).status).toBe(500);
  } finally {
    await stop();
  }
});
