import { type CompositionSuccess, compose as composeBuilt, composeServices } from "@apollo/composition";
import { type Subgraph, Subgraphs, buildSubgraph, errorCauses } from "@apollo/federation-internals";
import { type DocumentNode, GraphQLError, type GraphQLSchema, printSchema } from "graphql";
import type { Finding } from "../result/finding.ts";
import { locateCoordinates, locateNodes, locateSubgraph } from "./locate.ts";
import type { ParsedSubgraph } from "./parse-subgraphs.ts";

export interface Composed {
  /** What a gateway reads (Federation 2 supergraph SDL). */
  supergraph: string;
  /** What clients see: the same without federation's machinery. */
  api: string;
}

const header = "# Composed from the subgraphs by `npm run schema -- compose`. Do not edit.\n\n";

/**
 * Composes subgraphs to a supergraph, by the composer that Apollo's own tools use.
 *
 * @returns both schemas, each ending with a newline, unless composition failed; and all errors and hints found
 */
export function compose(subgraphs: ParsedSubgraph[]): { composed: Composed | null; findings: Finding[] } {
  const result = runComposer(subgraphs);
  if (result.errors !== undefined) return { composed: null, findings: errorFindings(result, subgraphs) };
  return {
    composed: {
      supergraph: `${header}${result.supergraphSdl.trim()}\n`,
      api: `${header}${printSchema(apiSchema(result)).trim()}\n`,
    },
    findings: result.hints.map((hint) => hintFinding(hint, subgraphs)),
  };
}

/** Composes subgraphs to what clients see alone: the schema, without locations; or all errors found. */
export function composeApi(subgraphs: ParsedSubgraph[]): { api: GraphQLSchema | null; findings: Finding[] } {
  const result = runComposer(subgraphs);
  if (result.errors !== undefined) return { api: null, findings: errorFindings(result, subgraphs) };
  return { api: apiSchema(result), findings: [] };
}

function apiSchema({ schema }: CompositionSuccess): GraphQLSchema {
  return schema.toAPISchema().toGraphQLJSSchema();
}

function errorFindings({ errors }: { errors: GraphQLError[] }, subgraphs: ParsedSubgraph[]): Finding[] {
  return errors.map((error) => errorFinding(error, subgraphs));
}

/** The composer returns most errors and throws some, among them those that it wraps others in. */
function runComposer(subgraphs: ParsedSubgraph[]) {
  try {
    const all = buildSubgraphs(subgraphs);
    if (all !== null) return composeBuilt(all);
    return composeServices(subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document })));
  } catch (error) {
    const causes = error instanceof Error ? errorCauses(error) : undefined;
    if (causes !== undefined) return { errors: causes };
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}

const built = new WeakMap<DocumentNode, Subgraph>();

/**
 * The composer's own form of subgraphs; one that was composed before is taken as it is, since composing changes nothing
 * of it: many states of a repository are composed that differ in one subgraph. Null where something is wrong with one,
 * of which the composer tells more, or where one is of Federation 1, which the composer rewrites first.
 */
function buildSubgraphs(subgraphs: readonly ParsedSubgraph[]): Subgraphs | null {
  const all = new Subgraphs();
  try {
    for (const { name, url, document } of subgraphs) {
      const known = built.get(document);
      const subgraph = known?.name === name && known.url === url ? known : buildSubgraph(name, url, document);
      built.set(document, subgraph);
      if (!subgraph.isFed2Subgraph()) return null;
      all.add(subgraph);
    }
    return all;
  } catch {
    return null;
  }
}

function errorFinding(error: GraphQLError, subgraphs: ParsedSubgraph[]): Finding {
  const places = locateNodes(error.nodes ?? [], subgraphs);
  if (places.length === 0) places.push(...locateCoordinates(error.message, subgraphs));
  if (places.length === 0) places.push(...locateSubgraph(error.message, subgraphs));
  return {
    severity: "error",
    code: typeof error.extensions.code === "string" ? error.extensions.code : "COMPOSITION_ERROR",
    message: error.message,
    places,
  };
}

function hintFinding(hint: CompositionSuccess["hints"][number], subgraphs: ParsedSubgraph[]): Finding {
  return {
    severity: "hint",
    code: hint.definition.code,
    message: hint.message,
    places: locateNodes(hint.nodes ?? [], subgraphs),
  };
}
