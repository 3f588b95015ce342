export type { BodyCall, BodySource, SentCall } from "./subgraph/body-source.ts";
export type { ProgramCacheStats } from "./cache/program-cache.ts";
export { TributaryGateway, type TributaryGatewayOptions } from "./gateway/tributary-gateway.ts";
export { stringifyResult } from "./result/stringify-result.ts";
export { textOfData } from "./result/text-data.ts";
export { SubgraphDataSource, type SubgraphDataSourceOptions } from "./subgraph/subgraph-data-source.ts";
export type { Transport, TransportRequest, TransportResponse } from "./transport/transport.ts";
export { TransportError } from "./transport/transport-error.ts";
export { createUndiciTransport, type UndiciTransportOptions } from "./transport/undici-transport.ts";
