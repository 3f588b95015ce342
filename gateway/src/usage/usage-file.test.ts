import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type OperationDefinitionNode, parse } from "graphql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type UsageFile, openUsageFile } from "./usage-file.ts";
import { type Usage, parseUsage } from "./usage-format.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), "usage-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const document = parse("{ a }");
const send = ({ count }: UsageFile) =>
  count(document, document.definitions[0] as OperationDefinitionNode, { name: null, version: null });
const counted = async (file: string) =>
  (parseUsage(await readFile(file, "utf8")) as Usage).operations.map(({ clients }) => clients[0]?.count);

test("is there from the start, and written again and again while requests come", async () => {
  const file = path.join(folder, "usage.json");
  const usage = await openUsageFile({
    file,
    interval: 5,
    onError: (error) => expect.unreachable(error.message),
  });
  expect(await counted(file)).toEqual([]);
  for (const number of [1, 2]) {
    send(usage);
    await vi.waitFor(async () => expect(await counted(file)).toEqual([number]));
  }
  await usage.stop();
});

test("tells of a write that failed, and loses nothing by it", async () => {
  const inner = path.join(folder, "inner");
  await mkdir(inner);
  const file = path.join(inner, "usage.json");
  const onError = vi.fn<(error: Error) => void>();
  const usage = await openUsageFile({ file, interval: 5, onError });
  await rm(inner, { recursive: true });
  send(usage);
  await vi.waitFor(() => expect(onError).toHaveBeenCalled());
  await mkdir(inner);
  await usage.stop();
  expect(await counted(file)).toEqual([1]);
});
