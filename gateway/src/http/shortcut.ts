import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { releaseResult, resultBytes } from "@tributary/executor";
import { hasSeveralAuthorizations } from "@tributary/subgraph-kit/identity";
import type { ExecutionResult, FormattedExecutionResult } from "graphql";
import { createFlights, type Flight } from "./flights.ts";
import type { ShortAnswer } from "./front-plugin.ts";
import type { GraphQLRequest, RequestCheck } from "./graphql-request.ts";
import type { Handover, Handovers } from "./handover.ts";
import type { KnownOperation, KnownOperations } from "./known-operations.ts";
import { NodePassage } from "./node-passage.ts";
import type { Passage } from "./passage.ts";
import { createRequestReader } from "./known-requests.ts";
import { readBody } from "./request-body.ts";
import type { ShortRequests } from "./short-requests.ts";
import { Waiting } from "./waiting.ts";

/** A request for an operation, before it is known who asks. */
export interface Arrival {
  readonly requestId: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  readonly headers: IncomingHttpHeaders;
  readonly waiting: Waiting;
}

/** What goes along with an operation. */
export interface FrontContext {
  readonly requestId: string;
  /** What comes of the operation, where it runs already. */
  outcome?: Promise<ExecutionResult>;
}

/** An operation to run, and what for. */
export interface ShortRun {
  readonly operation: KnownOperation;
  readonly request: GraphQLRequest;
}

/** What the shortcut needs of the gateway. */
export interface ShortcutOptions<Context extends FrontContext> {
  readonly operations: Pick<KnownOperations, "find">;
  readonly checkRequest: RequestCheck;
  /** Makes the context of an operation; throws or rejects where the request is refused. */
  readonly createContext: (arrival: Arrival) => Context | Promise<Context>;
  readonly execute: (run: ShortRun, context: Context) => Promise<ExecutionResult>;
  /** Names of the headers, in lower case, that an answer can depend on. */
  readonly decisiveHeaders: readonly string[];
  readonly onAnswer: (answer: ShortAnswer<Context>) => void;
  /** Told of an operation that is not run, as an equal one is under way. */
  readonly onShared: (operation: KnownOperation, context: Context) => void;
}

/** What it needs of the server. */
export interface ShortcutServer<Context extends FrontContext> {
  readonly requests: ShortRequests;
  readonly handovers: Handovers<Context>;
  readonly requestIdOf: (header: string | readonly string[] | undefined) => string;
  /** JSON as the server takes it, or undefined where it refuses it. */
  readonly parseJson: (text: string) => unknown;
  readonly isStopping: () => boolean;
  /** Told of what went wrong here. */
  readonly onUnforeseen: (error: Error, request: { readonly requestId: string }) => void;
}

/** What a run came to: null where it failed. */
interface Landing {
  readonly outcome: Promise<ExecutionResult>;
  readonly result: ExecutionResult | null;
}

/** One request that waits for a run. */
interface Passenger<Context> {
  readonly passage: Passage<Context>;
  readonly body: Buffer;
  readonly context: Context;
}

/** The short way, for requests of node:http and for those that were read without it. */
export interface Shortcut<Context> {
  /** Takes a request of node:http. */
  take(request: IncomingMessage, response: ServerResponse, longWay: RequestListener): void;
  /** Takes a request whose body is whole. */
  enter(passage: Passage<Context>, body: Buffer, text: string): void;
}

/**
 * Makes the short way: operations that Apollo Server has found valid before are run and answered without it, and
 * without Fastify. Whatever is out of the ordinary, and every result with errors, goes the long way: there is one place
 * where refusals and errors are put in words.
 *
 * Equal queries that are under way at one time are run once: equal in every byte of the body and of decisive headers.
 */
export function createShortcut<Context extends FrontContext>(
  options: ShortcutOptions<Context>,
  server: ShortcutServer<Context>,
): Shortcut<Context> {
  type OwnFlight = Flight<ShortRun, Context, Passenger<Context>>;
  const { requests, handovers } = server;
  const flights = createFlights<OwnFlight>();
  const readRequest = createRequestReader(server);

  const goLongWay = (
    passage: Passage<Context>,
    body: Buffer,
    done: Partial<Handover<Context>> = {},
  ): void => {
    const { requestId, startedAt } = passage;
    passage.goLongWay({ requestId, startedAt, body, context: null, refusal: null, answer: null, ...done });
  };

  const runOf = (text: string): ShortRun | undefined => {
    const request = readRequest(text);
    const operation = request === null ? undefined : options.operations.find(request);
    if (request === null || operation === undefined) return undefined;
    // The document was checked when it came first.
    const { variables } = request;
    if (variables !== undefined && options.checkRequest({ query: undefined, variables }) !== null)
      return undefined;
    return { operation, request };
  };

  const enter: Shortcut<Context>["enter"] = (passage, body, text) => {
    const { requestId, startedAt, headers } = passage;
    const key = { text, headers: decisiveText(headers, options.decisiveHeaders) };
    const run = flights.find(key)?.run ?? runOf(text);
    // What is not UTF-8 was read as something else, with U+FFFD in it.
    if (run === undefined || (text.includes("\uFFFD") && !isUtf8(body))) return goLongWay(passage, body);

    const waiting = new Waiting();
    const start = (context: Context) => {
      let flight = run.operation.isQuery ? flights.find(key) : undefined;
      if (flight !== undefined) options.onShared(run.operation, context);
      else flight = takeOff({ key, run, context, waiting, passengers: [] });
      flight.waiting.join(passage);
      flight.passengers.push({ passage, body, context });
    };
    // Refusals are put in words on the long way.
    const refuse = (error: unknown) => goLongWay(passage, body, { refusal: { error } });
    let context: Context | Promise<Context>;
    try {
      context = options.createContext({ requestId, startedAt, headers, waiting });
    } catch (error) {
      return refuse(error);
    }
    if (context instanceof Promise) context.then(start, refuse);
    else start(context);
  };

  /** Starts a run. Nobody is answered before this returns. */
  const takeOff = (flight: OwnFlight): OwnFlight => {
    const { run, context } = flight;
    const outcome = settle(() => options.execute(run, context));
    if (run.operation.isQuery) flights.add(flight);
    const end = (result: ExecutionResult | null) => {
      flights.remove(flight);
      landAll(flight, { outcome, result });
    };
    outcome.then(end, () => end(null));
    return flight;
  };

  const landAll = (flight: OwnFlight, { outcome, result }: Landing): void => {
    const answer = result !== null && isClean(result) ? resultBytes({ data: result.data ?? null }) : null;
    for (const passenger of flight.passengers) {
      const { passage, body, context } = passenger;
      const failed = () => goLongWay(passage, body, { context: Object.assign(context, { outcome }) });
      try {
        if (answer === null) failed();
        else land(passenger, answer, flight);
      } catch (error) {
        server.onUnforeseen(error as Error, passage);
        if (!passage.hasAnswered) failed();
      }
    }
    // All who share the answer got it in this very turn; its memory is of use again when the last of them has it.
    if (answer !== null)
      flight.waiting.onOver({ end: () => releaseResult(result as FormattedExecutionResult) });
  };

  const land = ({ passage, body, context }: Passenger<Context>, answer: Buffer, flight: OwnFlight): void => {
    const { headers, contentType } = passage;
    if (requests.isPlain(headers, answer)) passage.send(answer);
    else goLongWay(passage, body, { answer: { contentType, body: answer } });
    const { operation, name: operationName } = flight.run.operation;
    const sharedWith = context === flight.context ? null : flight.context.requestId;
    options.onAnswer({ context, operation, operationName, sharedWith });
  };

  return {
    enter,
    take(request, response, longWay) {
      const contentType = server.isStopping() ? null : requests.contentTypeFor(request);
      if (contentType === null || hasSeveralAuthorizations(request.rawHeaders))
        return longWay(request, response);
      const requestId = server.requestIdOf(request.headers["x-request-id"]);
      const way = { contentType, requestId, longWay, handovers, isStopping: server.isStopping };
      const passage = new NodePassage(request, response, way);
      readBody(request, (body) => enter(passage, body, body.toString("utf8")));
    },
  };
}

/** Data that nothing is to be said about. */
function isClean({ data, errors, extensions }: ExecutionResult): boolean {
  return data !== undefined && errors === undefined && extensions === undefined;
}

/** What is thrown is a rejection like any other. */
function settle<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return run();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Differs for requests with other headers: no header holds a line break. */
function decisiveText(headers: IncomingHttpHeaders, names: readonly string[]): string {
  let text = "";
  for (const name of names) {
    const value = headers[name];
    text += value === undefined ? "\n" : `\n=${String(value)}`;
  }
  return text;
}
