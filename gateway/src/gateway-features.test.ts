import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type RunningSubgraph,
  runGatewayProcess,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const service: SubgraphFixture = {
  name: "s",
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
      "@key", "@tag", "@authenticated", "@cost", "@listSize"
    ])
    type Query {
      items(first: Int, ids: [ID!]): [Item] @listSize(slicingArguments: ["first"]) @cost(weight: 2)
      guarded: Int @authenticated
      colour: Colour @tag(name: "shown")
    }
    type Item { id: ID }
    enum Colour { RED BLUE }
  `,
  resolvers: { Query: { items: () => [{ id: "1" }], guarded: () => 2, colour: () => "RED" } },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let flags: readonly string[];
let subgraph: RunningSubgraph;
let supergraph: string;

beforeAll(async () => {
  folder = await createFolder();
  const issuer = await createIssuerFixture();
  flags = issuer.flags(await folder.write("jwks.json", issuer.jwks));
  subgraph = await startSubgraph(service);
  supergraph = compose([{ ...service, url: subgraph.url }]);
});

afterAll(async () => {
  await subgraph.stop();
  await folder.remove();
});

/** The supergraph with one of its texts in the place of another. */
function edit(...edits: readonly (readonly [text: string | RegExp, by: string])[]): string {
  return edits.reduce((sdl, [text, by]) => {
    const edited = sdl.replace(text, by);
    if (edited === sdl) throw new Error(`There is no ${String(text)}.`);
    return edited;
  }, supergraph);
}

async function refusal(sdl: string): Promise<string> {
  const file = await folder.write("refused.graphql", sdl);
  const { code, output } = await runGatewayProcess(["--port", "0", "--supergraph", file, ...flags]);
  expect([code, output]).toEqual([2, expect.stringContaining("cannot be served")]);
  return output;
}

describe("authorization that nothing would enforce was passed over without a word", () => {
  const definition = "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM";

  test("without its @link", async () => {
    const output = await refusal(edit([/.*specs.apollo.dev\/authenticated.*\n/, ""]));
    expect(output).toContain("@authenticated stands on Query.guarded");
    expect(output).toContain('@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)');
  });

  test("in a version that this gateway does not know", async () => {
    const text = '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)';
    const output = await refusal(edit([text, '@link(url: "https://specs.apollo.dev/authenticated/v0.2")']));
    expect(output).toContain("authenticated/v0.2");
  });

  test("on an element where it is not checked", async () => {
    const file = await folder.write(
      "union.graphql",
      edit([definition, `${definition} | UNION`]).concat(
        '\n\nunion Either @authenticated @join__type(graph: S) @join__unionMember(graph: S, member: "Item") = Item\n',
      ),
    );
    const { code, output } = await runGatewayProcess(["--port", "0", "--supergraph", file, ...flags]);
    expect([code, output]).toEqual([2, expect.stringContaining("where it is not enforced")]);
  });
});

test("features that may be ignored kept the gateway from starting", async () => {
  const enumValue = "  RED @join__enumValue(graph: S)";
  const sdl = edit(
    // On an enum's value, and in lists of lists: @cost's definition allows neither.
    [enumValue, `${enumValue} @cost(weight: 5)`],
    ['slicingArguments: ["first"]', 'slicingArguments: [["first"]]'],
    ["specs.apollo.dev/cost/v0.1", "specs.apollo.dev/cost/v0.9"],
    ["specs.apollo.dev/tag/v0.3", "specs.apollo.dev/tag/v0.9"],
    // An organization's own directive that is not defined.
    [
      "\n{\n  query:",
      '\n  @link(url: "https://example.com/owner/v1.0", import: ["@team"])\n  @team(name: 1)\n{\n  query:',
    ],
  );
  const file = await folder.write("ignored.graphql", sdl);
  const gateway = await startGatewayProcess(["--supergraph", file, ...flags]);
  try {
    const { data, errors } = await ask(gateway.url, `{ items(first: 1) { id } guarded colour }`);
    expect(data).toEqual({ items: [{ id: "1" }], guarded: null, colour: "RED" });
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } }]);
  } finally {
    await gateway.stop();
  }
});

test("a feature that is needed and not served is refused by name", async () => {
  const link = '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)';
  const output = await refusal(edit(["\n{\n  query:", `\n  ${link}\n{\n  query:`]));
  expect(output).toContain("does not serve: https://specs.apollo.dev/context/v0.1 (for: SECURITY)");
});
