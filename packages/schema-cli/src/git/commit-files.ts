import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ReadableFiles } from "../commands/files.ts";
import { UncheckedError } from "../result/fault.ts";
import { git } from "./git.ts";

/** The files of a commit, read from git's objects: nothing is checked out. Paths are from `folder`. */
export function commitFiles(folder: string, commit: string): ReadableFiles {
  const read = async (file: string): Promise<string | null> => {
    const text = await git(folder, ["show", "--end-of-options", `${commit}:${relative(file)}`]);
    // Of a folder, git shows a list.
    return text?.startsWith(`tree ${commit}:`) === true ? null : text;
  };
  const relative = (file: string) =>
    `./${path.relative(folder, path.resolve(folder, file)).replaceAll("\\", "/")}`;
  return {
    read,
    async list(below) {
      const args = [
        "ls-tree",
        "-r",
        "-z",
        "--name-only",
        commit,
        "--",
        `${relative(below).replace(/\/$/, "")}/`,
      ];
      const output = (await git(folder, args)) ?? "";
      return output.split("\0").filter((name) => name !== "");
    },
    async load(file) {
      const text = await read(file);
      if (text === null) return null;
      try {
        if (file.endsWith(".json")) return JSON.parse(text) as unknown;
        return await importText(text, file.endsWith(".ts") ? "mts" : "mjs");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new UncheckedError(
          `the base's ${file} could not be loaded: ${reason}`,
          "have the configuration import nothing but types, or name another base with --base",
        );
      }
    },
  };
}

/** The default export of a module that is no file: written beside nothing else, so that what it imports is not found. */
async function importText(text: string, extension: "mts" | "mjs"): Promise<unknown> {
  const folder = await mkdtemp(path.join(tmpdir(), "schema-base-"));
  try {
    const file = path.join(folder, `config.${extension}`);
    await writeFile(file, text);
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
