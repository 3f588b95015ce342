import { readFileSync } from "node:fs";

export { resolvers } from "./resolvers/index.ts";

/** The payment context's public face. */
export const typeDefs = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");
