import { type Faults, NO_FAULTS } from "./faults.ts";
import { startGateways } from "./gateways.ts";
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
