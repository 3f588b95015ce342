export type { BodyCall, BodySource, SentCall } from "./subgraph/body-source.ts";
export type { Operation } from "./compile/operation.ts";
export type { ProgramCacheStats } from "./cache/program-cache.ts";
export type { UsedOperation } from "./cache/used-operation.ts";
export type { WarmUpFailure, WarmUpResult } from "./gateway/warm-up.ts";
export type { Sending } from "./run/run-program.ts";
export { TributaryGateway, type TributaryGatewayOptions } from "./gateway/tributary-gateway.ts";
export {
  releaseResult,
  resultBytes,
  stringifyResult,
  stringifyResultToBytes,
} from "./result/stringify-result.ts";
export { textOfData } from "./result/text-data.ts";
export { type Violation, violationsOf } from "./result/violations.ts";
export type { PlanningOptions } from "./gateway/operation-planner.ts";
export { createSelectionCounter, tooManySelections } from "./planning/selections.ts";
export { SubgraphDataSource, type SubgraphDataSourceOptions } from "./subgraph/subgraph-data-source.ts";
export type { ContentCoding } from "./transport/content-coding.ts";
export { createHttpTransport } from "./transport/http-transport.ts";
export { dispatchOf, promised } from "./transport/dispatch.ts";
export type {
  EndListener,
  EndSignal,
  ResponseReceiver,
  Transport,
  TransportRequest,
  TransportResponse,
} from "./transport/transport.ts";
export { TransportError } from "./transport/transport-error.ts";
export type { HttpTransportOptions } from "./transport/transport-options.ts";
export { createHttp1Transport } from "./transport/http1-transport.ts";
export { createUndiciTransport, type UndiciTransportOptions } from "./transport/undici-transport.ts";
