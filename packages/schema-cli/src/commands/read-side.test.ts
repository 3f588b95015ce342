import { readFileSync } from "node:fs";
import path from "node:path";
import { ApolloGateway } from "@apollo/gateway";
import fc from "fast-check";
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { expect, test } from "vitest";
import { model, printModel } from "../steps/generated-schema.fixture.ts";
import { composeSide } from "./read-side.ts";

const root = path.join(import.meta.dirname, "../../../..");
const seed = Number(process.env["TEST_SEED"]);

/** What a gateway of the composer's makers serves of a supergraph. */
async function served(supergraphSdl: string): Promise<GraphQLSchema> {
  const gateway = new ApolloGateway({
    // Nothing is asked for here: that security is enforced is not looked at.
    supergraphSdl: supergraphSdl.replaceAll(", for: SECURITY", ""),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const { schema } = await gateway.load();
  await gateway.stop();
  return schema;
}

const print = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

test("what is compared is what a gateway serves of the committed supergraph", async () => {
  const sources = ["customer", "order", "payment", "history"].map((name, index) => {
    const file = `subgraphs/${name}/schema.graphql`;
    const sdl = readFileSync(path.join(root, file), "utf8");
    return { name, url: `http://localhost:${4001 + index}/graphql`, files: [{ file, sdl }] };
  });
  const { side } = composeSide("head", sources);
  const supergraph = readFileSync(path.join(root, "schema/supergraph.graphql"), "utf8");
  expect(side?.supergraph).toBe(supergraph);
  expect(side && print(side.api)).toBe(print(await served(supergraph)));
});

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible", "@tag"])`;

test("and of any supergraph that is made up, with parts that clients must not see", async () => {
  const parts = fc.record({
    one: model,
    other: model,
    hidden: fc.constantFrom("f0", "f1", "f2"),
    tagged: fc.boolean(),
  });
  let composed = 0;
  await fc.assert(
    fc.asyncProperty(parts, async ({ one, other, hidden, tagged }) => {
      const mark = tagged ? '@inaccessible @tag(name: "x")' : "@inaccessible";
      // The second one's names are its own, but for a type that both have.
      const second = printModel(other).replaceAll(/\b(T0|T1|I|U|E|In|t0|t1|e|in|u|i)\b/g, "$1b");
      const sdls = [
        `${link}\n${printModel(one).replace(new RegExp(`(${hidden}(\\([^)]*\\))?: [^ ]+)`), `$1 ${mark}`)}\ntype Both @key(fields: "id") { id: ID! one: T0 }`,
        `${link}\n${second}\ntype Both @key(fields: "id") { id: ID! other: T0b }\nextend type Query { both: Both }`,
      ];
      const sources = sdls.map((sdl, index) => ({
        name: `s${index}`,
        url: "http://localhost",
        files: [{ file: `${index}`, sdl }],
      }));
      const { side } = composeSide("head", sources);
      // Of a hidden field of an interface there may be nothing left.
      fc.pre(side !== null);
      composed += 1;
      expect(print(side.api)).toBe(print(await served(side.supergraph)));
    }),
    { seed, numRuns: 20 },
  );
  expect(composed).toBeGreaterThan(10);
});
