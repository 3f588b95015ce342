import type { ConfigFiles } from "./config-files.ts";
import type { KnownToOthers } from "./gateway.ts";
import type { UsagePart } from "./usage/usage-relay.ts";
import type { SentOperation } from "./warm-up.ts";

/** What goes between the primary and its workers. */
export interface GatewayPayloads {
  readonly setting: ConfigFiles;
  readonly known: Omit<KnownToOthers, "operations"> & { readonly operations: readonly SentOperation[] };
  readonly usage: UsagePart;
}
