/** What commands need of the world outside; `main.ts` gives them the real one. Paths are absolute or from where it runs. */
export interface Files {
  /** The text of a file; null where there is none. */
  read(file: string): Promise<string | null>;
  /** Writes a file in one step: a reader sees all of the old text or all of the new. */
  write(file: string, text: string): Promise<void>;
  /** The default export of a module; null where there is no such file. */
  load(file: string): Promise<unknown>;
}
