import { createWriteStream } from "node:fs";
import { access, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { ClientBase } from "pg";
import { FILES } from "./file-specs.ts";
import { rejects } from "./staged-rows.ts";

/**
 * Writes the rejected rows, as CSV with semicolons and the columns file, line, reason, row. Without any, no file is made,
 * and one that an earlier run left is emptied down to its header.
 */
export async function writeRejects(client: ClientBase, path: string, count: number): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (count === 0 && !exists) return;
  const draft = `${path}.part`;
  const rows = async function* (): AsyncGenerator<string[]> {
    const files = FILES.map(({ file }) => file);
    for await (const { file, line, reason, text } of rejects(client, files)) {
      yield [file, String(line), reason, text];
    }
  };
  try {
    await pipeline(
      rows(),
      stringify({ delimiter: ";", header: true, columns: ["file", "line", "reason", "row"] }),
      createWriteStream(draft),
    );
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
