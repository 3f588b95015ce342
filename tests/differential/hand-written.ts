import { parse } from "graphql";
import { expect } from "vitest";
import { type Faults, NO_FAULTS } from "./faults.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import type { GeneratedOperation } from "./operations.ts";
import { askWorld } from "./oracle.ts";
import type { Outcome } from "./outcome.ts";
import { composeSubgraphs, type SubgraphText } from "./supergraph.ts";

/** A subgraph for one test. The values of its fields follow from their names and arguments; see world.ts. */
export function subgraph(name: string, sdl: string): SubgraphText {
  return { name, sdl };
}

export interface Answers {
  readonly stock: Outcome;
  /** By the reference engine. */
  readonly ours: Outcome;
  /** By the fast engine, if it can. */
  readonly fast: Outcome;
}

/**
 * Asks all gateways, each with plans of its own.
 *
 * @param variables of the operation
 */
export async function ask(
  subgraphs: readonly SubgraphText[],
  query: string,
  { variables = {}, ...faults }: Partial<Faults> & { variables?: Record<string, unknown> } = {},
): Promise<Answers> {
  const gateways = await startGateways(composeSubgraphs(subgraphs));
  try {
    const each = { operation: { query, variables }, faults: { ...NO_FAULTS, ...faults } };
    return {
      stock: await gateways.stock(each),
      ours: await gateways.ours(each),
      fast: await gateways.fast(each),
    };
  } finally {
    await gateways.stop();
  }
}

/**
 * Asks all gateways, with each of several variables, and expects of both engines what the specification says: the data in
 * its order, no errors, and no question that a subgraph has something against.
 *
 * @returns what came of the first ones
 */
export async function expectRight(
  subgraphs: readonly SubgraphText[],
  query: string,
  variables: readonly [Record<string, unknown>, ...Record<string, unknown>[]] = [{}],
): Promise<Answers> {
  const gateways = await startGateways(composeSubgraphs(subgraphs));
  try {
    const [first] = await Promise.all(
      variables.map((each) => expectRightOf(gateways, { query, variables: each })),
    );
    return first as Answers;
  } finally {
    await gateways.stop();
  }
}

/** As `expectRight`, of gateways that go on running. */
export async function expectRightOf(gateways: Gateways, operation: GeneratedOperation): Promise<Answers> {
  const each = { operation, faults: NO_FAULTS };
  const answer = askWorld(gateways.world, gateways.schema, { ...each, document: parse(operation.query) });
  const answers = {
    stock: await gateways.stock(each),
    ours: await gateways.ours(each),
    fast: await gateways.fast(each),
  };
  for (const { complaints, data, errors, thrown } of [answers.ours, answers.fast]) {
    expect(thrown).toBeUndefined();
    expect(complaints).toEqual([]);
    expect(errors).toEqual(answer.errors);
    expect(JSON.stringify(data, null, 1)).toBe(JSON.stringify(answer.data, null, 1));
  }
  return answers;
}
