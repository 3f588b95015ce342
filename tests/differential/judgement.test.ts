import { GraphQLError, parse } from "graphql";
import { expect, test } from "vitest";
import { json, type WireAnswer } from "./broken-calls.ts";
import { type Outcomes, runCase } from "./cases.ts";
import { difference, differenceFromCorrected } from "./compare.ts";
import { NO_ENTITY, UNKNOWN_TYPE } from "./completion.ts";
import { NO_FAULTS } from "./faults.ts";
import { startGateways } from "./gateways.ts";
import { subgraph } from "./hand-written.ts";
import { composeSubgraphs, type SubgraphText } from "./supergraph.ts";

// What the comparison judges right and wrong, where it was mistaken before.

interface WrongAnswers {
  readonly subgraphs: readonly SubgraphText[];
  readonly query: string;
  /** What each subgraph answers, as JSON. */
  readonly answers: Readonly<Record<string, unknown>>;
}

async function judge({ subgraphs, query, answers }: WrongAnswers): Promise<Outcomes> {
  const gateways = await startGateways(composeSubgraphs(subgraphs));
  const answer = (call: { readonly subgraph: string }): WireAnswer =>
    json(JSON.stringify(answers[call.subgraph]));
  try {
    return await runCase(gateways, {
      document: parse(query),
      operation: { query, variables: {} },
      faults: { ...NO_FAULTS, names: ["missing"], answer },
    });
  } finally {
    await gateways.stop();
  }
}

const MEDIA = [
  subgraph(
    "a",
    `type Query { many: [Media] } type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }`,
  ),
  subgraph(
    "b",
    `interface Media @key(fields: "id") { id: ID! title: String }
     type Book implements Media @key(fields: "id") { id: ID! title: String }`,
  ),
];

test("a missing entity is null without a word, also beside an object whose type nobody tells", async () => {
  const { ours, wrong } = await judge({
    subgraphs: MEDIA,
    query: "{ many { __typename score } }",
    answers: {
      a: {
        data: {
          many: [
            { __typename: "Media", id: "1", score: 1 },
            { __typename: "Media", score: 2 },
          ],
        },
      },
      b: { data: { _entities: [null] } },
    },
  });
  expect(ours.data).toEqual({ many: [null, null] });
  expect(ours.errors?.map(({ path }) => path)).toEqual([["many", 1]]);
  expect(wrong).toBeUndefined();
});

test("an error of another service, or of none, is another error", () => {
  const told = (extensions: Record<string, unknown>) => ({
    data: null,
    errors: [new GraphQLError("Lost", { path: ["x"], extensions: { code: "ODD", ...extensions } })],
    calls: [],
    complaints: [],
    features: new Set<string>(),
  });
  expect(difference(told({ serviceName: "b" }), told({ serviceName: "b" }))).toBeUndefined();
  expect(difference(told({ serviceName: "b" }), told({ serviceName: "a" }))).toContain("errors");
  expect(difference(told({ serviceName: "b" }), told({}))).toContain("errors");
});

test("an error is told with its code and its service, wherever its path leads", async () => {
  const path = [
    ["_entities", 7],
    ["_entities", -1, "score"],
    ["_entities", null, "score"],
    ["_entities", 0, "title", "through", 0],
    [],
    null,
  ];
  const extensions = { code: "ODD", serviceName: "other" };
  const { ours, wrong } = await judge({
    subgraphs: MEDIA,
    query: "{ many { __typename title } }",
    answers: {
      a: { data: { many: [{ __typename: "Media", id: "1" }] } },
      b: {
        data: { _entities: [{ __typename: "Book", title: "first" }] },
        errors: path.map((each) => ({ message: "Odd", path: each, extensions })),
      },
    },
  });
  expect(ours.data).toEqual({ many: [{ __typename: "Book", title: "first" }] });
  expect(ours.errors?.map((error) => error.extensions)).toEqual(
    path.map(() => ({ code: "ODD", serviceName: "b" })),
  );
  expect(wrong).toBeUndefined();
});

test("an error for the type of a missing entity is one too many, and one for that of another object is wanted", () => {
  const error = (message: string, ...path: (string | number)[]) => new GraphQLError(message, { path });
  const outcome = { data: { many: [null] }, calls: [], complaints: [], features: new Set<string>() };
  const corrected = (message: string) => ({
    ...outcome,
    extensions: { valueCompletion: [error(message, "many", 0, "__typename")] },
  });
  const telling = { ...outcome, errors: [error("Cannot tell the type of an object.", "many", 0)] };
  expect(differenceFromCorrected(corrected(NO_ENTITY), outcome)).toBeUndefined();
  expect(differenceFromCorrected(corrected(NO_ENTITY), telling)).toContain("told");
  expect(differenceFromCorrected(corrected(UNKNOWN_TYPE), telling)).toBeUndefined();
  expect(differenceFromCorrected(corrected(UNKNOWN_TYPE), outcome)).toContain("untold");
});
