import { type CompositionSuccess, composeServices } from "@apollo/composition";
import { errorCauses } from "@apollo/federation-internals";
import { GraphQLError, printSchema } from "graphql";
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
  const services = subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document }));
  const result = runComposer(services);
  if (result.errors !== undefined) {
    return { composed: null, findings: result.errors.map((error) => errorFinding(error, subgraphs)) };
  }
  const api = result.schema.toAPISchema().toGraphQLJSSchema();
  return {
    composed: {
      supergraph: `${header}${result.supergraphSdl.trim()}\n`,
      api: `${header}${printSchema(api).trim()}\n`,
    },
    findings: result.hints.map((hint) => hintFinding(hint, subgraphs)),
  };
}

/** The composer returns most errors and throws some, among them those that it wraps others in. */
function runComposer(services: Parameters<typeof composeServices>[0]) {
  try {
    return composeServices(services);
  } catch (error) {
    const causes = error instanceof Error ? errorCauses(error) : undefined;
    if (causes !== undefined) return { errors: causes };
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
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
