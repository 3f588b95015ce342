import { readFileSync } from "node:fs";
import path from "node:path";
import { Supergraph } from "@apollo/federation-internals";
import { lexicographicSortSchema, printSchema } from "graphql";
import { expect, test } from "vitest";
import { composeSide } from "./read-side.ts";

const root = path.join(import.meta.dirname, "../../../..");

test("what is compared is what the parts of a gateway make of the committed supergraph", () => {
  const sources = ["customer", "order", "payment"].map((name, index) => {
    const file = `subgraphs/${name}/schema.graphql`;
    const sdl = readFileSync(path.join(root, file), "utf8");
    return { name, url: `http://localhost:${4001 + index}/graphql`, file, sdl };
  });
  const { side } = composeSide("head", sources);
  const supergraph = readFileSync(path.join(root, "schema/supergraph.graphql"), "utf8");
  expect(side?.supergraph).toBe(supergraph);
  const gateways = Supergraph.buildForTests(supergraph).apiSchema().toGraphQLJSSchema();
  expect(side && printSchema(lexicographicSortSchema(side.api))).toBe(
    printSchema(lexicographicSortSchema(gateways)),
  );
});
