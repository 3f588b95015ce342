import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { watch } from "chokidar";

export interface FileWatchOptions {
  readonly file: string;
  /** Told the file's text some time after each change; never an empty one, which is a file half-way through a write. */
  readonly onChange: (text: string) => void;
  readonly onError: (error: unknown) => void;
  /** How long the file must be quiet, in milliseconds. @default 100 */
  readonly quietMilliseconds?: number;
}

/**
 * Watches one file, through writes in place as well as through files renamed over it: it is the folder that is
 * watched, as a watch on the file alone stays with the old one after a rename.
 *
 * @returns stops watching
 */
export async function watchFile(options: FileWatchOptions): Promise<() => Promise<void>> {
  const file = resolve(options.file);
  const folder = dirname(file);
  const name = basename(file);
  let timer: NodeJS.Timeout | undefined;

  const read = () =>
    readFile(file, "utf8").then((text) => {
      if (text.trim() !== "") options.onChange(text);
    }, options.onError);
  const touched = (path: string) => {
    if (basename(path) !== name) return;
    clearTimeout(timer);
    timer = setTimeout(() => void read(), options.quietMilliseconds ?? 100);
  };

  const watcher = watch(folder, {
    depth: 0,
    ignoreInitial: true,
    ignored: (path) => resolve(path) !== folder && basename(path) !== name,
  });
  watcher.on("add", touched).on("change", touched).on("error", options.onError);
  await new Promise<void>((ready) => watcher.once("ready", ready));
  // Whatever happened between the first reading and now went unseen.
  touched(file);

  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
