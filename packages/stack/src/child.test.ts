import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { startChild, type Child } from "./child.ts";
import { ROOT } from "./data-dir.ts";

const folder = mkdtempSync(join(tmpdir(), "tributary-child-"));
const script = join(folder, "server.mjs");
writeFileSync(
  script,
  `import { createServer } from "node:http";
   const server = createServer((request, response) => response.end()).listen(0, "127.0.0.1", () =>
     process.send({ type: "listening", url: "http://127.0.0.1:" + server.address().port }));`,
);
const troubles: string[] = [];
const lost: string[] = [];
let child: Child;

afterEach(async () => {
  vi.useRealTimers();
  await child.dispose();
  rmSync(folder, { recursive: true });
});

test("a process that ran for a while before it died is started again, however often that happens; one that did not is given up", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  child = await startChild({
    name: "server",
    script: relative(ROOT, script),
    command: () => ({ env: {} }),
    port: 0,
    logFile: join(folder, "server.log"),
    onLine() {},
    onTrouble: (text) => troubles.push(text),
    onLost: (error) => lost.push(error.message),
  });
  const returns = () => troubles.filter((text) => text === "server runs again").length;
  for (let death = 1; death <= 7; death++) {
    vi.setSystemTime(Date.now() + 61_000);
    process.kill(child.pid, "SIGKILL");
    await vi.waitFor(() => expect(returns()).toBe(death), { timeout: 60_000 });
  }
  expect(lost).toEqual([]);

  for (let death = 1; lost.length === 0; death++) {
    expect(death).toBeLessThan(7);
    const before = returns();
    process.kill(child.pid, "SIGKILL");
    await vi.waitFor(() => expect(returns() > before || lost.length > 0).toBe(true), { timeout: 60_000 });
  }
  expect(lost).toEqual(["server ends again and again"]);
}, 240_000);
