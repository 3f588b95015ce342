// What an app in TypeScript writes that is compiled to CommonJS. It is compiled, and not run.
import { TributaryGateway, type TributaryGatewayOptions } from "@tributary/executor";
import type { SchemaConfig } from "@tributary/schema-cli";
import { type Identity, parseBearer } from "@tributary/subgraph-kit/identity";

const options: TributaryGatewayOptions = {};
export const gateway = new TributaryGateway({}, options);
export const scopesOf = (identity: Identity): number => [...identity.scopes].length;
export const bearer = parseBearer;
export const output = (config: SchemaConfig): string => config.output.supergraph;
