import type { Identity } from "../identity/index.ts";
import type { Logger } from "./logger.ts";

/** What every resolver of every subgraph gets; a subgraph adds its loaders and repositories. */
export interface SubgraphContext {
  /** Who asks, as the gateway vouches for it. */
  identity: Identity;
  /** Names the client's request in the logs of all services. */
  requestId: string;
  /** W3C trace context of the client's request, which messages carry on. */
  traceparent: string;
  logger: Logger;
}
