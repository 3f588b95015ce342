import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sqlOfPg } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { Pool } from "pg";
import {
  ProviderError,
  type PaymentProvider,
  type ProviderAnswer,
  type ProviderRequest,
} from "../domain/provider.ts";

/** How often the simulated provider does what real ones sometimes do, each from 0 (never) to 1 (always). */
export interface SimulatedFaults {
  /** An authorisation is declined. */
  readonly decline: number;
  /** It does nothing and gives no answer. */
  readonly timeOut: number;
  /** It does the work, and the answer is lost. */
  readonly loseAnswer: number;
  /** It does the work, and answers after the call was given up. */
  readonly answerLate: number;
  /** It answers, and answers once more. */
  readonly answerTwice: number;
}

export interface SimulatedProviderOptions {
  readonly faults: SimulatedFaults;
  /** How long each call takes, in milliseconds. */
  readonly latencyMs: number;
}

type Outcome = "DONE" | "DECLINED";

const DECLINED = "card declined";
const LATE_MS = 2_000;

/**
 * Creates a provider that moves no money and behaves like one that does: it keeps books of its own, does what is asked
 * under one key once, and fails as often as it is told to. What happens to a call follows from its key and its attempt
 * alone, so that the same calls fail again in the same way.
 *
 * @param pool of the database that has the table `simulated_provider_calls`
 */
export function createSimulatedProvider(
  pool: Pool,
  { faults, latencyMs }: SimulatedProviderOptions,
): PaymentProvider {
  let listener: (key: string, answer: ProviderAnswer) => void = () => {};
  const attempts = new Map<string, number>();

  const tellLater = (key: string, answer: ProviderAnswer, after: number): void => {
    setTimeout(() => listener(key, answer), after).unref();
  };

  return {
    onLateAnswer(next) {
      listener = next;
    },
    async call(request, signal) {
      const attempt = (attempts.get(request.key) ?? 0) + 1;
      attempts.set(request.key, attempt);
      const happens = (fault: keyof SimulatedFaults): boolean =>
        draw(`${request.key}:${fault}:${attempt}`) < faults[fault];
      if (latencyMs > 0) await wait(latencyMs, signal);
      if (happens("timeOut")) return silence(signal);
      const declined =
        request.action === "AUTHORISE" && draw(`${request.paymentId}:decline`) < faults.decline;
      const answer = await book(pool, request, declined ? "DECLINED" : "DONE");
      if (happens("loseAnswer")) throw new ProviderError("the connection to the provider was lost");
      if (happens("answerLate")) {
        tellLater(request.key, answer, LATE_MS);
        return silence(signal);
      }
      if (happens("answerTwice")) tellLater(request.key, answer, 0);
      attempts.delete(request.key);
      return answer;
    },
  };
}

/** Writes a call into the provider's books, and reads the answer that its key had first. */
async function book(pool: Pool, request: ProviderRequest, outcome: Outcome): Promise<ProviderAnswer> {
  const { key, paymentId, action, amount } = request;
  const [first] = await sqlOfPg(pool).query<{ outcome: Outcome }>(
    sql`WITH booked AS (
      INSERT INTO simulated_provider_calls (key, payment_id, action, amount_minor, currency, outcome)
      VALUES (${key}, ${paymentId}, ${action}, ${amount.amountMinor}, ${amount.currency}, ${outcome})
      ON CONFLICT (key) DO NOTHING RETURNING outcome
    ) SELECT outcome FROM booked UNION ALL SELECT outcome FROM simulated_provider_calls WHERE key = ${key} LIMIT 1`,
  );
  // Nothing comes where another call with the key was committed in between: it asked for the same.
  const booked = first?.outcome ?? outcome;
  return booked === "DECLINED" ? { outcome: booked, reason: DECLINED } : { outcome: booked };
}

async function silence(signal: AbortSignal): Promise<never> {
  await wait(2 ** 31 - 1, signal);
  throw new ProviderError("no answer");
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal, ref: false });
  } catch (error) {
    throw new ProviderError("the provider did not answer in time", { cause: error });
  }
}

/** A number from 0 to 1 that the text alone decides. */
function draw(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}
