import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../result/fault.ts";
import type { Files } from "./files.ts";

/** The files of this machine. */
export const disk: Files = {
  async read(file) {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return null;
      throw new UsageError(`${file} could not be read: ${reason(error)}`);
    }
  },

  async list(folder) {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, "/"))
        .sort();
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
      throw new UsageError(`${folder} could not be read: ${reason(error)}`);
    }
  },

  async write(file, text) {
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(temporary, text);
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new UsageError(`${file} could not be written: ${reason(error)}`);
    }
  },

  async load(file) {
    const text = await disk.read(file);
    if (text === null) return null;
    try {
      if (file.endsWith(".json")) return JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
      const module: unknown = await import(pathToFileURL(path.resolve(file)).href);
      return typeof module === "object" && module !== null && "default" in module
        ? module.default
        : undefined;
    } catch (error) {
      throw new UsageError(`${file} could not be loaded: ${reason(error)}`);
    }
  },
};

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
