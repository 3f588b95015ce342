/** Files to be read: this machine's, or a commit's. Paths are absolute or from where the command runs. */
export interface ReadableFiles {
  /** The text of a file; null where there is none. */
  read(file: string): Promise<string | null>;
  /** The files below a folder, at any depth, sorted; none where there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** The default export of a module; null where there is no such file. */
  load(file: string): Promise<unknown>;
}

/** What commands need of the world outside; `main.ts` gives them the real one. */
export interface Files extends ReadableFiles {
  /** Writes a file in one step: a reader sees all of the old text or all of the new. */
  write(file: string, text: string): Promise<void>;
}
