import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type DocumentNode, Kind, parse } from "graphql";
import { z } from "zod";

/** Documents as clients send them, and what is wrong with others. */
export interface OperationTexts {
  readonly texts: readonly string[];
  /** Each names its file. */
  readonly faults: readonly string[];
}

/** What Apollo's clients are generated with: https://www.apollographql.com/docs/react/api/link/persisted-queries */
const manifest = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(z.object({ body: z.string() })),
});

/**
 * Reads operations from a `.graphql` file, from all of those in a folder and the folders in it, or from a persisted
 * query manifest (`.json`). In folders, files that hold fragments alone are left out.
 */
export async function readOperationTexts(from: string): Promise<OperationTexts> {
  const faults: string[] = [];
  const texts: string[] = [];
  const take = (file: string, text: string, isOne: boolean) => {
    const document = documentOf(text);
    if (typeof document === "string") faults.push(`${file} is not GraphQL (${document})`);
    else if (document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) texts.push(text);
    else if (isOne) faults.push(`${file} has no operation`);
  };
  try {
    const isFolder = (await stat(from)).isDirectory();
    if (isFolder) {
      for (const file of await filesIn(from)) take(file, await readFile(file, "utf8"), false);
    } else if (from.endsWith(".json")) {
      for (const text of bodiesOf(from, await readFile(from, "utf8"), faults)) take(from, text, true);
    } else {
      take(from, await readFile(from, "utf8"), true);
    }
    if (texts.length === 0 && faults.length === 0) faults.push(`${from} has no operations`);
  } catch (error) {
    const { code, message, path: file = from } = error as NodeJS.ErrnoException;
    faults.push(`${file} cannot be read (${code ?? message})`);
  }
  return { texts, faults };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && /\.(graphql|gql)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

function bodiesOf(file: string, text: string, faults: string[]): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    faults.push(`${file} is not JSON`);
    return [];
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data.operations.map(({ body }) => body);
  const [issue] = parsed.error.issues;
  faults.push(`${file} is no persisted query manifest (${issue?.path.join(".") || "it"}: ${issue?.message})`);
  return [];
}

/** The document, or what is wrong with it. */
function documentOf(text: string): DocumentNode | string {
  try {
    return parse(text, { noLocation: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
