import type { FetchNode } from "@apollo/query-planner";
import type { GraphQLDataSource } from "@apollo/gateway";
import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import { orFailure, tell } from "../transport/dispatch.ts";
import type { ResponseReceiver, TransportResponse } from "../transport/transport.ts";

/** A call whose body is written already. */
export interface BodyCall {
  /** JSON, as of GraphQL over HTTP, section 5.4. */
  readonly body: string;
  /** The fetch of the plan that is called for. */
  readonly node: FetchNode;
  /** Where the fetch's data belongs in the response: response names, and `@` for every item of a list. */
  readonly path: readonly string[];
  readonly context: GatewayGraphQLRequestContext;
}

/** A call that was sent. */
export interface SentCall extends BodyCall {
  /** What `sendBody` gave, or `dispatchBody` told. */
  readonly response: Promise<TransportResponse>;
}

/**
 * A data source that sends bodies as they are. The executor calls it in place of `process`: `sendBody`, or `dispatchBody`
 * where there is one, once for each call, and `readAnswer` for it only where the answer is not a plain success, which is read straight from its text.
 */
export interface BodySource {
  /**
   * Sends a body and gives the answer as it came, whatever its status.
   *
   * @throws what kept the answer from coming
   */
  sendBody(call: BodyCall): Promise<TransportResponse>;
  /** The same, told to a receiver in place of a promise, which costs less. @default calls `sendBody` */
  dispatchBody?(call: BodyCall, receiver: ResponseReceiver): void;
  /**
   * Reads the answer of a call.
   *
   * @throws what clients are told where there is no answer, or none to a GraphQL request
   */
  readAnswer(call: SentCall): Promise<GatewayGraphQLResponse>;
}

/** Whether a data source sends bodies as they are. */
export function takesBodies(source: GraphQLDataSource): source is GraphQLDataSource & BodySource {
  return "sendBody" in source && typeof source.sendBody === "function";
}

/** Sends a body by a data source, whether it has `dispatchBody` or not. It never throws. */
export function dispatchBody(source: BodySource, call: BodyCall, receiver: ResponseReceiver): void {
  orFailure(receiver, () => {
    if (source.dispatchBody === undefined) tell(receiver, source.sendBody(call));
    else source.dispatchBody(call, receiver);
  });
}
