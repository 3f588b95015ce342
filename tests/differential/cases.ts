import { textOfData } from "@tributary/executor";
import type { DocumentNode } from "graphql";
import {
  difference,
  differenceFromCorrected,
  differenceFromSpecification,
  engineDifference,
  wholeDifference,
} from "./compare.ts";
import { drawFaults, drawSound, type Faults } from "./faults.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { type Case, isUnplanned, type Outcome } from "./outcome.ts";
import { generateOperation, type GeneratedOperation } from "./operations.ts";
import { askWorld } from "./oracle.ts";
import { PlanBoundError } from "./plan-bound.ts";
import { createRandom, type Random } from "./random.ts";
import { generateSubgraphs } from "./subgraph-writer.ts";
import { type Supergraph, tryToCompose } from "./supergraph.ts";
import { countCase, type Tally } from "./tally.ts";

/** Cases of one operation: of the first two, nothing goes wrong. */
export const CASES_OF_OPERATION = 4;

/** In which share of cases a plan may take too long, and there is nothing to compare. */
export const MOST_UNPLANNED = 0.002;

/** An answer that is not what it should be. The message says all that is needed to see it again. */
export class DifferenceError extends Error {
  override readonly name = "DifferenceError";
}

export interface CasesOptions {
  /** Settles the supergraph and all cases. */
  readonly seed: number;
  readonly operations: number;
  readonly tally: Tally;
  /** Whether there is much that may get in each other's way in a plan. @default for every other seed */
  readonly hasConflicts?: boolean;
  /** Takes what differs. @default throws it, which ends the run */
  readonly onDifference?: (error: DifferenceError) => void;
}

/**
 * Runs cases on one generated supergraph.
 *
 * @returns false where the seed gives no supergraph that composes
 * @throws DifferenceError
 */
export async function runCases({
  seed,
  operations,
  tally,
  hasConflicts = seed % 2 === 0,
  onDifference,
}: CasesOptions): Promise<boolean> {
  const random = createRandom(seed);
  const supergraph = tryToCompose(generateSubgraphs(random, hasConflicts));
  if (!("sdl" in supergraph)) return false;
  const gateways = await startGateways(supergraph, { sharePlans: true });
  try {
    for (let index = 0; index < operations; index++) {
      const source = generateOperation(gateways.schema, random, hasConflicts);
      if (source === null) continue;
      let isUnbounded = false;
      for (let variant = 0; variant < CASES_OF_OPERATION; variant++) {
        const each = {
          document: source.document,
          operation: source.withVariables(random),
          faults: drawVariant(variant, random),
        };
        // What is drawn must not depend on how fast this is.
        if (isUnbounded) continue;
        const outcomes = await runCase(gateways, each).catch(exceptBound);
        if (outcomes === null) {
          isUnbounded = true;
          tally.unplanned.push(`seed ${seed}, operation ${index}`);
          continue;
        }
        if (isUnplanned(outcomes.ours) && isUnplanned(outcomes.stock)) break;
        countCase(tally, { ...each, ...outcomes, used: source.features });
        const where = `seed ${seed}, operation ${index}, case ${variant}`;
        if (outcomes.wrong === undefined) continue;
        const error = new DifferenceError(describe({ where, supergraph, ...each, ...outcomes }));
        if (onDifference === undefined) throw error;
        onDifference(error);
      }
    }
  } finally {
    await gateways.stop();
  }
  if (gateways.late.length > 0) throw new Error(`Calls after the answer: ${gateways.late.join("\n")}`);
  return true;
}

function exceptBound(error: unknown): null {
  if (error instanceof PlanBoundError) return null;
  throw error;
}

function drawVariant(variant: number, random: Random): Faults {
  return variant < 2 ? drawSound(random) : drawFaults(random);
}

export interface Outcomes {
  readonly stock: Outcome;
  readonly ours: Outcome;
  /** Whether the fast engine did it. */
  readonly isFast: boolean;
  /** What is wrong with ours, in words. */
  readonly wrong: string | undefined;
  /** Whether stock's is another one. */
  readonly isStockWrong: boolean;
}

/**
 * Runs a case and judges ours: where nothing goes wrong, by the specification's answer, and subgraphs have nothing against
 * what they are asked; where something does, by stock's, and where it differs, by that of stock without its known faults.
 */
export async function runCase(
  gateways: Gateways,
  each: Case & { readonly document: DocumentNode },
): Promise<Outcomes> {
  const fast = await gateways.fast(each);
  const isFast = textOfData(fast.data) !== undefined;
  const outcomes = await judge(gateways, each);
  const apart = engineDifference(outcomes.ours, fast, each.faults.names.length === 0);
  if (apart === undefined) return { ...outcomes, isFast };
  return { ...outcomes, isFast, wrong: outcomes.wrong ?? `of the fast engine: ${apart}` };
}

async function judge(
  gateways: Gateways,
  each: Case & { readonly document: DocumentNode },
): Promise<Omit<Outcomes, "isFast">> {
  const ours = await gateways.ours(each);
  const stock = await gateways.stock(each);
  const isStockWrong = wholeDifference(stock, ours) !== undefined;
  const both = { stock, ours, isStockWrong };
  if (each.faults.names.length === 0) {
    const [complaint] = ours.complaints;
    if (complaint !== undefined) return { ...both, wrong: `${complaint.subgraph}: ${complaint.what}` };
    return {
      ...both,
      wrong: differenceFromSpecification(askWorld(gateways.world, gateways.schema, each), ours),
    };
  }
  if (!isStockWrong) return { ...both, wrong: undefined };
  const apart = differenceFromCorrected(await gateways.corrected(each), ours);
  if (apart === undefined || (await isOfAnotherOrder(gateways, each, ours)))
    return { ...both, wrong: undefined };
  return { ...both, wrong: `${apart}\nfrom stock: ${difference(stock, ours)}` };
}

/**
 * Whether ours is what comes of answers in another order. Where subgraphs contradict each other, as about the type of an
 * object, the last one counts; and which one that is of calls under way together is left to chance, also whether it comes
 * before or after what is done next with the other one's answer.
 */
async function isOfAnotherOrder(gateways: Gateways, each: Case, ours: Outcome): Promise<boolean> {
  if (each.faults.names.length === 0) return false;
  const subgraphs = [...new Set(ours.calls.map(({ subgraph }) => subgraph))];
  for (const order of ["calls" as const, ...ordersOf(subgraphs)]) {
    for (const ticks of [undefined, 1, 2, 3, 5, 8]) {
      const timed = ticks === undefined ? { ...each, order } : { ...each, order, ticks };
      if (differenceFromCorrected(await gateways.corrected(timed), ours) === undefined) return true;
    }
  }
  return false;
}

function ordersOf(names: readonly string[]): string[][] {
  if (names.length === 0) return [[]];
  return names.flatMap((first) =>
    ordersOf(names.filter((name) => name !== first)).map((rest) => [first, ...rest]),
  );
}

interface Difference extends Outcomes {
  readonly where: string;
  readonly supergraph: Supergraph;
  readonly operation: GeneratedOperation;
  readonly faults: Faults;
}

function describe({ where, supergraph, operation, faults, wrong, stock, ours }: Difference): string {
  const calls = (outcome: Outcome) =>
    outcome.calls.map(({ subgraph, body }) => `  ${subgraph} ${JSON.stringify(body)}`).join("\n");
  return [
    `${where}, faults: ${faults.names.join(" ") || "none"}`,
    operation.query,
    JSON.stringify(operation.variables),
    wrong,
    `stock called\n${calls(stock)}`,
    `ours called\n${calls(ours)}`,
    ...supergraph.subgraphs.map(({ name, sdl }) => `# ${name}\n${sdl}`),
  ].join("\n");
}
