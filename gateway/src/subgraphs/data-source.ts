import type { GraphQLDataSource } from "@apollo/gateway";
import type { BodyCall, BodySource, ResponseReceiver, SentCall, Transport } from "@tributary/executor";
import { dispatchOf, promised, TransportError } from "@tributary/executor";
import { OperationTypeNode } from "graphql";
import { Deadlines } from "./deadlines.ts";
import { relayError } from "./error-policy.ts";
import { createFetchReport, type FetchReport } from "./fetch-report.ts";
import { findRefusedValues, type RefusedValues, takeOutMarkers } from "./refused-values.ts";
import { isRecord, readSubgraphAnswer, type SubgraphAnswer } from "./subgraph-answer.ts";
import { clientMessage, SubgraphError, transportFailure } from "./subgraph-error.ts";
import { SubgraphCall } from "./subgraph-call.ts";
import type { SubgraphRequest } from "./subgraph-request.ts";

export interface DataSourceOptions {
  readonly service: string;
  readonly url: string;
  readonly transport: Transport;
  /** How long a call may take from its first byte to its last. */
  readonly timeoutMilliseconds: number;
  /** Told what the client is not. */
  readonly onTrouble: (trouble: SubgraphTrouble) => void;
}

/** What went wrong with a subgraph, for the log. */
export interface SubgraphTrouble {
  readonly service: string;
  readonly requestId: string;
  readonly code: string;
  readonly detail: string;
}

type Answer = Awaited<ReturnType<GraphQLDataSource["process"]>>;

/**
 * Makes what sends one subgraph's fetches. What a subgraph failed to bring is told to the executor as errors of the
 * subgraph's, FailureReports, from which the errors of the client's answer are made.
 *
 * Equal calls of several requests are not joined: each carries the id of its request.
 */
export function createDataSource(options: DataSourceOptions): GraphQLDataSource & BodySource {
  const { service, url, transport } = options;
  const deadlines = new Deadlines(options.timeoutMilliseconds);
  const dispatch = dispatchOf(transport);
  const sendBody = (call: BodyCall) => promised((receiver) => dispatchBody(call, receiver));

  const send = ({ body, node }: BodyCall, sending: Sending): void => {
    const { request, token, receiver } = sending;
    const headers: Record<string, string> = {
      "content-type": "application/json",
      accept: "application/json",
      ...request.forwardedHeaders,
      "x-request-id": request.requestId,
    };
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    const call = new SubgraphCall(service, performance.now());
    request.subgraphCalls.push(call);
    request.waiting?.onOver(call);
    deadlines.add(call);
    const idempotent = node.operationKind === OperationTypeNode.QUERY;
    dispatch(
      { url, headers, body, signal: call, idempotent },
      {
        onResponse(response) {
          call.finish(response);
          deadlines.remove(call);
          receiver.onResponse(response);
        },
        onFailure(error) {
          call.finish(null);
          if (error instanceof TransportError) call.code = transportFailure(error).code;
          deadlines.remove(call);
          receiver.onFailure(error);
        },
      },
    );
  };

  const dispatchBody = (call: BodyCall, receiver: ResponseReceiver): void => {
    const request = requestOf(call.context);
    if (request.identityTokenFor === null) return send(call, { request, token: null, receiver });
    request.identityTokenFor(service).then(
      (token) => send(call, { request, token, receiver }),
      (error: unknown) => receiver.onFailure(error),
    );
  };

  const report = ({ requestId }: SubgraphRequest, code: string, detail: string) =>
    options.onTrouble({ service, requestId, code, detail });

  const readAnswer = async (call: SentCall): Promise<Answer> => {
    const request = requestOf(call.context);
    const fetch = createFetchReport(service, call);
    let record: SubgraphCall | undefined;
    try {
      const response = await call.response;
      record = request.subgraphCalls.find((each) => each.response === response);
      const answer = readSubgraphAnswer(response);
      const refused = answer.data === null ? findRefusedValues(call.node.operation, answer.errors) : null;
      if (refused !== null) return await withoutRefused(call, refused, fetch);
      checkStatus(response.status, answer);
      const data = dataOf(answer, fetch);
      return { data: data as never, errors: relayAll(answer, fetch, request) };
    } catch (error) {
      const failure = error instanceof TransportError ? transportFailure(error) : error;
      if (!(failure instanceof SubgraphError)) throw error;
      if (record !== undefined) record.code = failure.code;
      // Nobody is left to be told, and nothing is wrong with the subgraph.
      if (request.waiting?.isOver !== true) report(request, failure.code, failure.detail);
      const told = { code: failure.code, message: clientMessage(failure.code, service), extensions: {} };
      return { data: null as never, errors: fetch.ofAll(told) };
    }
  };

  /**
   * Asks once more, for what the client's faulty values were not for: nothing has run yet. A mutation is refused as a
   * whole, as half of it is worse.
   */
  const withoutRefused = async (
    call: SentCall,
    { fields, rest }: RefusedValues,
    fetch: FetchReport,
  ): Promise<Answer> => {
    const told = (message: string) => ({ code: "BAD_USER_INPUT", message, extensions: {} });
    const none = (errors: unknown) => ({ data: null as never, errors: errors as never });
    const refuseAll = () => none(fetch.ofAll(told(fields[0]?.message ?? "")));
    if (call.node.operationKind !== OperationTypeNode.QUERY) return refuseAll();
    if (rest === null) return none(fields.flatMap(({ path, message }) => fetch.at(path, told(message))));

    const { variables, operationName } = JSON.parse(call.body) as Readonly<Record<string, unknown>>;
    const body = JSON.stringify({ query: rest, variables, operationName });
    const response = await sendBody({ ...call, body, node: { ...call.node, operation: rest } });
    const answer = readSubgraphAnswer(response);
    // Where another value is refused then, it is not tried a third time.
    if (answer.data === null && findRefusedValues(rest, answer.errors) !== null) return refuseAll();
    const data = dataOf(answer, fetch);
    const places = takeOutMarkers(data ?? {}, fields);
    const refusals = places.flatMap(({ path, message }) => fetch.at(path, told(message)));
    const others = relayAll(answer, fetch, requestOf(call.context));
    return { data: data as never, errors: [...refusals, ...others] as never };
  };

  /** The errors of an answer, with paths in the subgraph's own answer. */
  const relayAll = ({ data, errors }: SubgraphAnswer, fetch: FetchReport, request: SubgraphRequest) => {
    const reports = errors.flatMap((error) => {
      const relayed = relayError(error);
      if (relayed === null) report(request, "INTERNAL_SERVER_ERROR", error.message);
      return fetch.at(error.path, relayed ?? unforeseen(request));
    });
    const misfits = fetch.representations === null ? [] : misfitsAmong(data);
    for (const index of misfits) {
      const code = "SUBGRAPH_INVALID_RESPONSE";
      report(request, code, `no object at _entities.${index}`);
      reports.push(
        ...fetch.at(["_entities", index], { code, message: clientMessage(code, service), extensions: {} }),
      );
    }
    return reports;
  };

  return {
    sendBody,
    dispatchBody,
    readAnswer,
    async process({ request, ...surroundings }) {
      if (!("incomingRequestContext" in surroundings)) throw new Error("Only clients' operations are sent.");
      const { query: operation = "", variables = {}, operationName } = request;
      const call = {
        body: JSON.stringify({ query: operation, variables, operationName }),
        node: { operation } as BodyCall["node"],
        path: (surroundings.pathInIncomingRequest ?? []).map(String),
        context: surroundings.incomingRequestContext,
      };
      return readAnswer({ ...call, response: sendBody(call) });
    },
  };
}

/** What goes along with one call. */
interface Sending {
  readonly request: SubgraphRequest;
  /** Tells the subgraph who is asking, or null. */
  readonly token: string | null;
  readonly receiver: ResponseReceiver;
}

function requestOf(context: BodyCall["context"]): SubgraphRequest {
  return context.context as SubgraphRequest;
}

function unforeseen({ requestId }: SubgraphRequest) {
  return { code: "INTERNAL_SERVER_ERROR", message: "Internal server error", extensions: { requestId } };
}

/** Statuses by which the gateway itself was refused, unless the subgraph says on purpose what else is wrong. */
const REFUSALS = new Set([401, 403]);

/** @throws SubgraphError where the subgraph failed or refused the gateway, and says nothing that is for the client */
function checkStatus(status: number, { errors }: SubgraphAnswer): void {
  if (status < 500 && !REFUSALS.has(status)) return;
  if (errors.every((error) => relayError(error) === null))
    throw new SubgraphError("SUBGRAPH_HTTP_ERROR", `HTTP ${status}`);
}

/**
 * An answer's data: null as well where the list of entities is, and errors say why.
 *
 * @throws SubgraphError where entities came back in another number than they were asked for
 */
function dataOf({ data, errors }: SubgraphAnswer, { representations }: FetchReport): SubgraphAnswer["data"] {
  if (data === null || representations === null) return data;
  const { _entities: entities } = data;
  if (entities === null || entities === undefined) {
    if (errors.length === 0) throw new SubgraphError("SUBGRAPH_INVALID_RESPONSE", "no entities");
    return null;
  }
  if (!Array.isArray(entities) || entities.length !== representations.length) {
    throw new SubgraphError("SUBGRAPH_INVALID_RESPONSE", `not ${representations.length} entities`);
  }
  return data;
}

/** Positions of entities that are no objects. */
function misfitsAmong(data: SubgraphAnswer["data"]): readonly number[] {
  const entities = data?.["_entities"];
  if (!Array.isArray(entities)) return [];
  return entities.flatMap((entity: unknown, index) => (entity === null || isRecord(entity) ? [] : index));
}
