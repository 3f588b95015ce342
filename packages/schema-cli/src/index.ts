export type { SchemaConfig } from "./config/schema-config.ts";
