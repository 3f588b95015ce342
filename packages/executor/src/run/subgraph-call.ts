import type { GraphQLDataSource } from "@apollo/gateway";
import type { FetchStep } from "../compile/steps.ts";
import { isJsonObject } from "../json.ts";
import { type BodyCall, type BodySource, takesBodies } from "../subgraph/body-source.ts";
import type { RecordedCalls } from "./recorded-calls.ts";
import type { RunningRequest } from "./request.ts";
import { readErrors, type SubgraphAnswer } from "./subgraph-answer.ts";

/** A value of an enum that `@apollo/gateway` does not export. */
const INCOMING_OPERATION = "incoming operation" as never;

/** The variables of one call: those of the request that it uses, and representations as JSON texts, or null. */
export interface CallVariables {
  readonly own: Readonly<Record<string, unknown>>;
  /** The members of `own` as JSON. */
  readonly ownText: string;
  readonly representations: readonly string[] | null;
}

const NONE: Omit<CallVariables, "representations"> = { own: {}, ownText: "" };

/** The request's variables that a fetch uses and the request gives. */
export function variablesOf(
  { node }: FetchStep,
  request: Pick<RunningRequest, "variables">,
): Omit<CallVariables, "representations"> {
  if (node.variableUsages === undefined || node.variableUsages.length === 0) return NONE;
  const own: Record<string, unknown> = {};
  const texts: string[] = [];
  for (const name of node.variableUsages) {
    const value = Object.hasOwn(request.variables, name) ? request.variables[name] : undefined;
    if (value === undefined) continue;
    own[name] = value;
    texts.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  }
  return { own, ownText: texts.join(",") };
}

/**
 * Calls a fetch's subgraph.
 *
 * @throws what its data source throws
 */
export async function callSubgraph(
  step: FetchStep,
  request: RunningRequest,
  variables: CallVariables,
): Promise<SubgraphAnswer> {
  const { node, path } = step;
  const source = request.dataSources[node.serviceName] as GraphQLDataSource;
  const { context } = request;
  const response = takesBodies(source)
    ? await readAnswer(
        source,
        { body: step.writeBody(textOf(variables)), node, path, context },
        request.recorded,
      )
    : await source.process({
        kind: INCOMING_OPERATION,
        request: {
          query: node.operation,
          variables: objectOf(variables),
          ...(node.operationName === undefined ? {} : { operationName: node.operationName }),
        },
        incomingRequestContext: context,
        context: context.context,
        ...(node.operationDocumentNode === undefined ? {} : { document: node.operationDocumentNode }),
        pathInIncomingRequest: [...path],
      });
  const data: unknown = response.data;
  return { data: isJsonObject(data) ? data : null, errors: readErrors(response.errors) };
}

/** Reads the answer to a call that was sent before where there is one, so that nothing is sent twice; each once. */
function readAnswer(source: BodySource, call: BodyCall, recorded: RecordedCalls) {
  const known = recorded.take(call.node.serviceName, call.body);
  return source.readAnswer({ ...call, response: known ?? source.sendBody(call) });
}

/**
 * The variables of a call as members of a JSON object.
 *
 * @param ownText those of the request
 * @param representations members of a list, or null for a call that is not for entities
 */
export function callBody(ownText: string, representations: string | null): string {
  if (representations === null) return ownText;
  const text = `"representations":[${representations}]`;
  return ownText === "" ? text : `${ownText},${text}`;
}

function textOf({ ownText, representations }: CallVariables): string {
  return callBody(ownText, representations === null ? null : representations.join(","));
}

function objectOf({ own, representations }: CallVariables): Record<string, unknown> {
  if (representations === null) return { ...own };
  return { ...own, representations: representations.map((text) => JSON.parse(text) as unknown) };
}
