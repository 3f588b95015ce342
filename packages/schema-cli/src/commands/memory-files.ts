import type { Files } from "./files.ts";

export interface MemoryFilesOptions {
  texts?: Record<string, string>;
  /** Default exports, by file. */
  modules?: Record<string, unknown>;
}

/** Files for tests: kept in memory, with a record of what was written. */
export function memoryFiles({ texts = {}, modules = {} }: MemoryFilesOptions) {
  const contents = new Map(Object.entries(texts));
  const writes: string[] = [];
  const files: Files = {
    read: (file) => Promise.resolve(contents.get(file) ?? null),
    write(file, text) {
      contents.set(file, text);
      writes.push(file);
      return Promise.resolve();
    },
    list: (folder) =>
      Promise.resolve(
        [...contents.keys()].filter((file) => folder === "." || file.startsWith(`${folder}/`)).sort(),
      ),
    load: (file) => Promise.resolve(modules[file] ?? null),
  };
  return { ...files, texts: contents, writes };
}
