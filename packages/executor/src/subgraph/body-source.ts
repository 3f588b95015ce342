import type { GraphQLDataSource } from "@apollo/gateway";
import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import type { OperationTypeNode } from "graphql";

/** A call whose body is written already. */
export interface BodyCall {
  /** JSON, as of GraphQL over HTTP, section 5.4. */
  readonly body: string;
  readonly kind: `${OperationTypeNode}`;
  readonly context: GatewayGraphQLRequestContext;
}

/** A data source that sends bodies as they are. The executor calls it in place of `process`. */
export interface BodySource {
  sendBody(call: BodyCall): Promise<GatewayGraphQLResponse>;
}

/** Whether a data source sends bodies as they are. */
export function takesBodies(source: GraphQLDataSource): source is GraphQLDataSource & BodySource {
  return "sendBody" in source && typeof source.sendBody === "function";
}
