import { parseConfig, subgraphSettings } from "@tributary/subgraph-kit";
import { z } from "zod";
import type { SimulatedProviderOptions } from "./provider/simulated-provider.ts";

const share = z.coerce.number("must be a number").min(0, "must be 0 to 1").max(1, "must be 0 to 1");

const paymentSettings = subgraphSettings.safeExtend({
  /** How many authorisations the simulated payment provider declines, from 0 (none) to 1 (all). */
  SIMULATED_PROVIDER_DECLINE: share.default(0.02),
  /** How many calls it leaves undone and unanswered. */
  SIMULATED_PROVIDER_TIME_OUT: share.default(0),
  /** How many answers are lost after the work was done. */
  SIMULATED_PROVIDER_LOSE_ANSWER: share.default(0),
  /** How many answers come after the call was given up. */
  SIMULATED_PROVIDER_ANSWER_LATE: share.default(0),
  /** How many answers come twice. */
  SIMULATED_PROVIDER_ANSWER_TWICE: share.default(0),
  /** How long each of its calls takes, in milliseconds. */
  SIMULATED_PROVIDER_LATENCY_MS: z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(0, "must be 0 to 60000")
    .max(60_000, "must be 0 to 60000")
    .default(0),
});

/** The settings of the payment subgraph, parsed. */
export type PaymentConfig = Readonly<z.output<typeof paymentSettings>>;

/**
 * Reads the settings of the payment subgraph.
 *
 * @param env such as `process.env`
 * @throws {ConfigError} that lists every fault by the setting's name
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): PaymentConfig {
  return parseConfig(paymentSettings, env);
}

/** What the settings say of the simulated payment provider. */
export function simulatedProviderOptions(config: PaymentConfig): SimulatedProviderOptions {
  return {
    faults: {
      decline: config.SIMULATED_PROVIDER_DECLINE,
      timeOut: config.SIMULATED_PROVIDER_TIME_OUT,
      loseAnswer: config.SIMULATED_PROVIDER_LOSE_ANSWER,
      answerLate: config.SIMULATED_PROVIDER_ANSWER_LATE,
      answerTwice: config.SIMULATED_PROVIDER_ANSWER_TWICE,
    },
    latencyMs: config.SIMULATED_PROVIDER_LATENCY_MS,
  };
}
