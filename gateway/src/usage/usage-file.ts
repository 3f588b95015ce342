import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { type Usage, parseUsage, usageText } from "./usage-format.ts";
import { type UsageRecord, createUsageRecord } from "./usage-record.ts";

/** The usage file is none, or cannot be written. */
export class UsageFileError extends Error {
  override readonly name = "UsageFileError";
}

export interface UsageFileOptions {
  readonly file: string;
  /** Told of a write that failed; the next one is tried all the same. */
  readonly onError: (error: Error) => void;
  /** How long until what was counted is written, in milliseconds. */
  readonly interval?: number;
}

/** A file that is told which operations were sent. */
export interface UsageFile {
  readonly count: UsageRecord["count"];
  readonly add: UsageRecord["add"];
  /** Writes what is left to write, and no more from then on. */
  stop(): Promise<void>;
}

/**
 * Counts operations on top of what a file says, and writes them there now, every 30 seconds in which there were any, and
 * at the end. Whoever reads the file sees all of the old text or all of the new.
 *
 * @throws UsageFileError where the file is something else, which is left as it is, or where it cannot be written
 */
export async function openUsageFile(options: UsageFileOptions): Promise<UsageFile> {
  const { file, onError, interval = 30_000 } = options;
  const record = createUsageRecord(await readEarlier(file));
  await write(file, record).catch((error: NodeJS.ErrnoException) => {
    throw new UsageFileError(`--usage-file: ${file} cannot be written (${error.code ?? error.message})`);
  });

  let written = 0;
  let writing = Promise.resolve();
  const save = () => {
    writing = writing.then(async () => {
      const { requests } = record;
      if (requests === written) return;
      try {
        await write(file, record);
        written = requests;
      } catch (error) {
        onError(error as Error);
      }
    });
    return writing;
  };
  const timer = setInterval(() => void save(), interval).unref();
  return {
    count: record.count,
    add: record.add,
    async stop() {
      clearInterval(timer);
      await save();
    },
  };
}

async function readEarlier(file: string): Promise<Usage | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new UsageFileError(`--usage-file: ${file} cannot be read (${code})`);
  }
  const usage = parseUsage(text);
  if ("fault" in usage) {
    throw new UsageFileError(
      `--usage-file: ${file} is no usage file of this version (${usage.fault}); it is left as it is. Name another, or delete it.`,
    );
  }
  return usage;
}

async function write(file: string, record: UsageRecord): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    // In parts, between which requests are served.
    await writeFile(temporary, usageText(record.read()), { flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
