import { GraphQLError, Kind, type OperationDefinitionNode, Source, parse, separateOperations } from "graphql";
import type { SchemaConfig } from "../config/schema-config.ts";
import type { ReadableFiles } from "../commands/files.ts";
import { UsageError } from "../result/fault.ts";
import type { Finding, Place } from "../result/finding.ts";
import type { KnownOperation } from "../steps/step.ts";
import { readManifest } from "./manifest.ts";
import type { OperationSource } from "./operation-source.ts";
import { type UsageExport, joinExports, readUsageExport } from "./usage-export.ts";

type Set = NonNullable<SchemaConfig["operations"]>[number];

export interface ReadOperationsOptions {
  sets: readonly Set[];
  /** Today in UTC, `YYYY-MM-DD`. */
  today: string;
}

/**
 * Reads the sets of operations that the configuration names.
 *
 * @returns the operations, each with the fragments it uses; and a finding for each text that is no GraphQL, and for what
 *   is declared complete and is not, whereupon nothing is complete
 * @throws {UsageError} for a set without operations: it would excuse everything
 */
export async function readOperations(
  files: ReadableFiles,
  { sets, today }: ReadOperationsOptions,
): Promise<{ operations: KnownOperation[]; findings: Finding[] }> {
  const operations: KnownOperation[] = [];
  const findings: Finding[] = [];
  for (const set of sets) {
    const { sources, gaps } = await readSources(files, set, today);
    if (sources.length === 0) {
      const from = set.folder ?? set.manifest ?? set.usage;
      throw new UsageError(`The set of operations "${set.name}" has none: ${from}.`);
    }
    if (set.complete === true && gaps.length > 0) findings.push(incomplete(set, gaps, sources));
    for (const source of sources) {
      try {
        operations.push(...split(source, set));
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        findings.push(unreadable(source, error));
      }
    }
  }
  // Clients send what is in all complete sets together: a gap in one is a gap in that.
  const gap = findings.some(({ code }) => code === "OPERATIONS_INCOMPLETE");
  return {
    operations: gap ? operations.map((each) => ({ ...each, complete: false })) : operations,
    findings,
  };
}

async function readSources(files: ReadableFiles, set: Set, today: string): Promise<UsageExport> {
  const { folder = "", manifest, usage, days = null } = set;
  if (manifest !== undefined) {
    const text = await files.read(manifest);
    return { sources: text === null ? [] : readManifest(manifest, text), gaps: [] };
  }
  if (usage !== undefined) {
    const below = (await files.list(usage)).filter((file) => file.endsWith(".json"));
    const names = below.length > 0 ? below : [usage];
    const texts = await Promise.all(names.map((file) => files.read(file)));
    return joinExports(
      names.flatMap((file, index) => {
        const text = texts[index] ?? null;
        return text === null ? [] : [readUsageExport(file, text, { today, days })];
      }),
    );
  }
  const names = (await files.list(folder)).filter((file) => /\.(graphql|gql)$/.test(file));
  const texts = await Promise.all(names.map((file) => files.read(file)));
  return { sources: names.map((file, index) => ({ file, body: texts[index] ?? "" })), gaps: [] };
}

function split({ file, body, entry, sent }: OperationSource, { name: set, complete }: Set): KnownOperation[] {
  const document = parse(new Source(body, file));
  return Object.values(separateOperations(document)).flatMap((separate) => {
    const definition = separate.definitions.find(
      (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
    );
    if (definition === undefined) return [];
    return [
      {
        name: definition.name?.value ?? entry?.name ?? file,
        place: placeOf(file, entry ?? definition.loc?.startToken),
        definition,
        document: separate,
        set,
        complete: complete ?? false,
        ...(sent === undefined ? {} : { sent }),
      },
    ];
  });
}

function unreadable({ file, entry }: OperationSource, error: GraphQLError): Finding {
  return {
    severity: "error",
    step: "operations",
    code: "OPERATION_UNREADABLE",
    message: `${entry?.name ?? "The file"} is not GraphQL: ${error.message}`,
    places: [placeOf(file, entry ?? error.locations?.[0])],
  };
}

function incomplete({ name }: Set, gaps: string[], sources: OperationSource[]): Finding {
  return {
    severity: "warning",
    step: "operations",
    code: "OPERATIONS_INCOMPLETE",
    message: `The set of operations "${name}" is declared complete, but may not be: ${gaps.join("; ")}. It excuses nothing.`,
    places: [...new Set(sources.map(({ file }) => file))].map((file) => ({ file })),
    advice: "export it anew from a gateway that has counted for long enough, or do not declare it complete",
  };
}

function placeOf(file: string, at: { line: number; column: number } | undefined): Place {
  return at === undefined ? { file } : { file, line: at.line, column: at.column };
}
