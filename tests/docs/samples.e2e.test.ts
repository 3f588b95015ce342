import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DocSample, readDocSamples, shapeOfJson, shapeOfText } from "./doc-samples.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "tributary-samples-"));
const usageFile = path.join(folder, "usage.json");
const data = ["--data", path.join(folder, "data")];

let samples: readonly DocSample[];
/** What a start prints, what `/health/ready` of four workers says, what other commands print, and the gateway's log. */
const seen = { start: "", ready: "", traffic: "", import: "", log: "" };

beforeAll(async () => {
  samples = await readDocSamples(root);
  const script = path.join(root, "packages/stack/src/main.ts");
  const child = spawn(process.execPath, [script, "--port", "0", "--customers", "10", ...data], {
    env: {
      ...process.env,
      NO_COLOR: "1",
      NODE_ENV: "development",
      GATEWAY_WORKERS: "4",
      GATEWAY_USAGE_FILE: usageFile,
    },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        seen.start += text;
        if (seen.start.includes("Ctrl-C stops everything.")) resolve();
      });
      void ended.then(() => reject(new Error(`It did not start: ${seen.start}`)));
    });
    const base = /Endpoint +POST (\S+)\/graphql/.exec(seen.start)?.[1] ?? "";
    seen.ready = await (await fetch(`${base}/health/ready`)).text();
    await fetch(`${base}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "apollographql-client-name": "shop",
        "apollographql-client-version": "4",
      },
      body: JSON.stringify({
        query: "query OpenOrders($first: Int) { me { orders(first: $first) { nodes { number } } } }",
      }),
    });
    const traffic = path.join(root, "packages/stack/src/traffic/main.ts");
    const flags = ["--for", "2s", "--customers", "5", ...data];
    seen.traffic = (
      await promisify(execFile)(process.execPath, [traffic, ...flags], {
        env: { ...process.env, NO_COLOR: "1" },
      })
    ).stdout;
    const command = [
      path.join(root, "packages/stack/src/import.ts"),
      path.join(root, "packages/datasets/sample"),
    ];
    seen.import = (
      await promisify(execFile)(process.execPath, [...command, ...data], { cwd: folder })
    ).stdout;
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
  seen.log = readFileSync(path.join(folder, "data/logs/gateway.log"), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const sample = (name: string) =>
  samples.find((each) => each.name === name)?.text ?? `There is no sample ${name}.`;

test("every sample of output in the docs is compared with a run here", () => {
  const names = samples.map(({ name, file, text }) => name ?? `one without a name in ${file}: ${text}`);
  // "check" is compared in tests/schema-check/.
  expect(names.toSorted()).toEqual(["check", "import", "ready", "start", "traffic", "usage"]);
});

test("a start prints what the README shows", () => {
  // Services listen in any order.
  const blocks = (text: string) =>
    text
      .split("\n\n")
      .slice(0, 2)
      .map((block) => shapeOfText(block).toSorted());
  expect(blocks(sample("start"))).toEqual(blocks(seen.start));
});

test("four workers are ready as docs/deploy.md shows", () => {
  const [shown, got] = [sample("ready"), seen.ready].map((text) => JSON.parse(text) as { workers: object });
  expect(shapeOfJson(shown)).toEqual(shapeOfJson(got));
  expect(shown?.workers).toEqual(got?.workers);
});

test("traffic ends with what the README shows", () => {
  const [, summary = ""] = seen.traffic.split("\n\n");
  expect(shapeOfText(sample("traffic"))).toEqual(shapeOfText(summary));
});

test("an import of the sample prints what docs/import.md shows", () => {
  expect(shapeOfText(sample("import"))).toEqual(shapeOfText(seen.import));
});

test("the file of counted operations has what docs/schema-check.md shows", () => {
  const { operations } = JSON.parse(readFileSync(usageFile, "utf8")) as { operations: { name: string }[] };
  const counted = operations.find(({ name }) => name === "OpenOrders");
  expect(shapeOfJson(JSON.parse(sample("usage")))).toEqual(shapeOfJson(counted));
});

test("the gateway's log has the lines and fields that docs/deploy.md names", () => {
  const page = readFileSync(path.join(root, "docs/deploy.md"), "utf8");
  const table = page.slice(page.indexOf("`programs` tells"), page.indexOf("## Upgrades and copies"));
  const cells = [...table.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = ""]) => cell);
  const documented = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field!));
  const lines = seen.log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const programs = lines.find(({ msg }) => msg === "programs") ?? {};
  const ofEachLine = new Set(["level", "time", "pid", "hostname", "name", "worker", "supergraph", "msg"]);
  const logged = Object.keys(programs).filter((name) => !ofEachLine.has(name));
  expect(documented.toSorted()).toEqual(logged.toSorted());
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: "worker ready", process: "primary", worker: 4 }),
  );
});
