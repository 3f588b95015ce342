import type { GraphQLDataSource } from "@apollo/gateway";
import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import type { OperationTypeNode } from "graphql";
import type { TransportResponse } from "../transport/transport.ts";

/** A call whose body is written already. */
export interface BodyCall {
  /** JSON, as of GraphQL over HTTP, section 5.4. */
  readonly body: string;
  readonly kind: `${OperationTypeNode}`;
  readonly context: GatewayGraphQLRequestContext;
}

/** A data source that sends bodies as they are. The executor calls it in place of `process`. */
export interface BodySource {
  /**
   * Sends a body and gives the answer as it came, whatever its status.
   *
   * @throws what kept the answer from coming
   */
  sendBody(call: BodyCall): Promise<TransportResponse>;
  /**
   * Reads an answer that `sendBody` gave.
   *
   * @throws what clients are told where it is no answer to a GraphQL request
   */
  readAnswer(response: TransportResponse): GatewayGraphQLResponse;
}

/** Whether a data source sends bodies as they are. */
export function takesBodies(source: GraphQLDataSource): source is GraphQLDataSource & BodySource {
  return "sendBody" in source && typeof source.sendBody === "function";
}
