import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchFile } from "./file-watch.ts";

test("a file is read after it was written, renamed over, and taken away and brought back; never while it is empty", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watch-"));
  const file = join(folder, "watched");
  const seen: string[] = [];
  let next = Promise.withResolvers<void>();
  const onChange = (text: string) => {
    seen.push(text);
    next.resolve();
    next = Promise.withResolvers<void>();
  };
  const change = async (how: () => Promise<unknown>) => {
    const changed = next.promise;
    await how();
    await changed;
  };
  await writeFile(file, "first");
  const seenFirst = next.promise;
  const stop = await watchFile({ file, onChange, onError: () => {}, quietMilliseconds: 20 });
  try {
    await seenFirst;
    await change(() => writeFile(file, "written"));
    await writeFile(join(folder, "other"), "not watched");
    await change(async () => {
      await writeFile(`${file}.new`, "renamed");
      await rename(`${file}.new`, file);
    });
    // Long enough for the empty file to be read, were it to be.
    await writeFile(file, "");
    await sleep(200);
    await change(() => writeFile(file, "filled"));
    await rm(file);
    await sleep(200);
    await change(() => writeFile(file, "back"));
    expect(seen).toEqual(["first", "written", "renamed", "filled", "back"]);
  } finally {
    await stop();
    await rm(folder, { recursive: true });
  }
});
