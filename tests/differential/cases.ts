import { compareOutcomes, type KnownDifference, type Verdict } from "./compare.ts";
import { drawFaults, type Faults } from "./faults.ts";
import { createGatewayPair, type Outcome } from "./gateways.ts";
import { type GeneratedOperation, generateOperation } from "./operations.ts";
import { createRandom } from "./random.ts";
import { type GeneratedSupergraph, generateSupergraph } from "./supergraph.ts";

/** What a run of cases came to. */
export interface Tally {
  cases: number;
  /** Cases where a subgraph was asked for an entity. */
  withEntities: number;
  withErrors: number;
  callsOfStock: number;
  callsOfOurs: number;
  readonly known: Record<KnownDifference, number>;
}

export function createTally(): Tally {
  return {
    cases: 0,
    withEntities: 0,
    withErrors: 0,
    callsOfStock: 0,
    callsOfOurs: 0,
    known: {
      "stock gave up": 0,
      "order of merged fragments": 0,
      "paths of skipped entities": 0,
      "interface object told": 0,
      "silent null told": 0,
      "required field of another type": 0,
    },
  };
}

/** Both gateways gave different answers. The message says all that is needed to see it again. */
export class DifferenceError extends Error {
  override readonly name = "DifferenceError";
}

/**
 * Runs cases on one generated supergraph.
 *
 * @param seed settles the supergraph and all cases
 * @returns false where the seed gives no supergraph that composes
 * @throws DifferenceError
 */
export async function runCases(seed: number, count: number, tally: Tally): Promise<boolean> {
  const random = createRandom(seed);
  const supergraph = generateSupergraph(random);
  if (supergraph === null) return false;
  const pair = await createGatewayPair(supergraph);
  try {
    for (let index = 0; index < count; index++) {
      const operation = generateOperation(pair.schema, random);
      if (operation === null) continue;
      const faults = drawFaults(random);
      const { stock, ours } = await pair.run(operation, faults);
      const verdict = compareOutcomes(operation.query, stock, ours);
      if (verdict.kind === "different") {
        throw new DifferenceError(
          describe({ seed, index, supergraph, operation, faults, verdict, stock, ours }),
        );
      }
      count_(tally, verdict, { stock, ours });
    }
  } finally {
    await pair.stop();
  }
  return true;
}

function count_(tally: Tally, verdict: Verdict, { stock, ours }: { stock: Outcome; ours: Outcome }): void {
  tally.cases++;
  if (ours.calls.some(({ body }) => body.variables?.representations !== undefined)) tally.withEntities++;
  if ((ours.errors?.length ?? 0) > 0) tally.withErrors++;
  tally.callsOfStock += stock.calls.length;
  tally.callsOfOurs += ours.calls.length;
  if (verdict.kind === "known") tally.known[verdict.reason]++;
}

interface Difference {
  readonly seed: number;
  readonly index: number;
  readonly supergraph: GeneratedSupergraph;
  readonly operation: GeneratedOperation;
  readonly faults: Faults;
  readonly verdict: Extract<Verdict, { kind: "different" }>;
  readonly stock: Outcome;
  readonly ours: Outcome;
}

function describe({ seed, index, supergraph, operation, faults, verdict, stock, ours }: Difference): string {
  const calls = (outcome: Outcome) =>
    outcome.calls.map(({ subgraph, body }) => `  ${subgraph} ${JSON.stringify(body)}`).join("\n");
  return [
    `seed ${seed}, case ${index}, faults: ${faults.names.join(" ") || "none"}`,
    operation.query,
    JSON.stringify(operation.variables),
    verdict.what,
    `stock called\n${calls(stock)}`,
    `ours called\n${calls(ours)}`,
    ...supergraph.subgraphs.map(({ name, sdl }) => `# ${name}\n${sdl}`),
  ].join("\n");
}
