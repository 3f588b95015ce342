import { z } from "zod";
import { UsageError } from "../result/fault.ts";
import { type OperationSource, createTextFinder } from "./operation-source.ts";

const manifestSchema = z.object({ operations: z.array(z.object({ name: z.string(), body: z.string() })) });

/**
 * Reads a persisted-operation manifest: JSON with `operations`, each with `name` and `body`.
 * https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
 *
 * @throws {UsageError} where it is none
 */
export function readManifest(file: string, text: string): OperationSource[] {
  const value = parseJson(file, text);
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${file} is no manifest of operations: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    );
  }
  const find = createTextFinder(text);
  return parsed.data.operations.map(({ name, body }) => ({ file, body, entry: { name, ...find(body) } }));
}

/**
 * Parses JSON, with or without a byte order mark.
 *
 * @throws {UsageError} that names the file
 */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
