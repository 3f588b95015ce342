import { GraphQLError, Kind, type OperationDefinitionNode, Source, parse, separateOperations } from "graphql";
import { z } from "zod";
import type { SchemaConfig } from "../config/schema-config.ts";
import type { ReadableFiles } from "../commands/files.ts";
import { UsageError } from "../result/fault.ts";
import type { Finding } from "../result/finding.ts";
import type { KnownOperation } from "../steps/step.ts";

type Set = NonNullable<SchemaConfig["operations"]>[number];

/** A text with operations, and where it is from. */
interface OperationSource {
  file: string;
  body: string;
  /** The name that a manifest gives it. */
  name?: string;
}

const manifestSchema = z.object({ operations: z.array(z.object({ name: z.string(), body: z.string() })) });

/**
 * Reads the sets of operations that the configuration names.
 *
 * @returns the operations, each with the fragments it uses, and a finding for each text that is no GraphQL
 * @throws {UsageError} for a set without operations: it would excuse everything
 */
export async function readOperations(
  files: ReadableFiles,
  sets: readonly Set[],
): Promise<{ operations: KnownOperation[]; findings: Finding[] }> {
  const operations: KnownOperation[] = [];
  const findings: Finding[] = [];
  for (const set of sets) {
    const sources = await readSources(files, set);
    if (sources.length === 0) {
      throw new UsageError(`The set of operations "${set.name}" has none: ${set.folder ?? set.manifest}.`);
    }
    for (const source of sources) {
      try {
        operations.push(...split(source, set));
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        const place = { file: source.file, ...(source.name === undefined ? error.locations?.[0] : {}) };
        findings.push({
          severity: "error",
          step: "operations",
          code: "OPERATION_UNREADABLE",
          message: `${source.name ?? "The file"} is not GraphQL: ${error.message}`,
          places: [place],
        });
      }
    }
  }
  return { operations, findings };
}

async function readSources(files: ReadableFiles, { folder, manifest }: Set): Promise<OperationSource[]> {
  if (manifest !== undefined) {
    const text = await files.read(manifest);
    if (text === null) return [];
    let value: unknown;
    try {
      value = JSON.parse(text.replace(/^\uFEFF/, ""));
    } catch (error) {
      throw new UsageError(`${manifest} is not JSON: ${error instanceof Error ? error.message : ""}`);
    }
    const parsed = manifestSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new UsageError(
        `${manifest} is no manifest of operations: ${issue?.path.join(".")}: ${issue?.message}`,
      );
    }
    return parsed.data.operations.map(({ name, body }) => ({ file: manifest, name, body }));
  }
  const names = (await files.list(folder ?? "")).filter((file) => /\.(graphql|gql)$/.test(file));
  const texts = await Promise.all(names.map((file) => files.read(file)));
  return names.map((file, index) => ({ file, body: texts[index] ?? "" }));
}

function split({ file, body, name: given }: OperationSource, { name: set, complete }: Set): KnownOperation[] {
  const document = parse(new Source(body, file));
  return Object.values(separateOperations(document)).flatMap((separate) => {
    const definition = separate.definitions.find(
      (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
    );
    if (definition === undefined) return [];
    const token = definition.loc?.startToken;
    const at = given !== undefined || token === undefined ? {} : { line: token.line, column: token.column };
    const name = definition.name?.value ?? given ?? file;
    return [
      { name, place: { file, ...at }, definition, document: separate, set, complete: complete ?? false },
    ];
  });
}
