import {
  ProviderError,
  type PaymentProvider,
  type ProviderAnswer,
  type ProviderRequest,
} from "@tributary/payment/protocol";
import type { Random } from "../../ordering/random.fixture.ts";
import { short } from "./broker.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** How often a provider does what real ones sometimes do; shares from 0 to 1. */
export interface ProviderFaults {
  decline: number;
  timeOut: number;
  loseAnswer: number;
  answerLate: number;
  answerTwice: number;
  /** A call arrives long after it was given up. */
  arriveLate: number;
}

/** A call in the provider's books. */
export interface Booking extends ProviderRequest {
  readonly answer: ProviderAnswer;
}

/** A payment provider with books of its own: what is asked under one key it does once. */
export interface SimulatedProvider {
  /** The provider as one process reaches it. */
  connect(process: SimulatedProcess): PaymentProvider;
  readonly books: ReadonlyMap<string, Booking>;
  /** How many calls and answers are on their way. */
  underWay(): number;
}

export interface ProviderOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: ProviderFaults;
  readonly trace: (who: string, what: string) => void;
}

export function createSimulatedProvider({
  scheduler,
  random,
  faults,
  trace,
}: ProviderOptions): SimulatedProvider {
  const books = new Map<string, Booking>();
  const declined = new Map<string, boolean>();
  let underWay = 0;

  function book(request: ProviderRequest): ProviderAnswer {
    const before = books.get(request.key);
    if (before) return before.answer;
    if (!declined.has(request.paymentId)) declined.set(request.paymentId, random.next() < faults.decline);
    const answer: ProviderAnswer =
      request.action === "AUTHORISE" && declined.get(request.paymentId)
        ? { outcome: "DECLINED", reason: "card declined" }
        : { outcome: "DONE" };
    books.set(request.key, { ...request, answer });
    const { action, paymentId, amount, key } = request;
    trace(
      "provider",
      `${action} ${amount.amountMinor} of ${short(paymentId)} under ${short(key)}: ${answer.outcome}`,
    );
    return answer;
  }

  const later = (milliseconds: number, what: () => void): void => {
    underWay += 1;
    scheduler.after(milliseconds, () => {
      underWay -= 1;
      what();
    });
  };

  return {
    books,
    underWay: () => underWay,
    connect(process) {
      let listener: (key: string, answer: ProviderAnswer) => void = () => {};
      const tell = (key: string, answer: ProviderAnswer): void => process.resume(() => listener(key, answer));
      const silence = (signal: AbortSignal): Promise<never> =>
        new Promise((_, reject) => {
          const end = (): void => reject(new ProviderError("no answer"));
          if (signal.aborted) end();
          else signal.addEventListener("abort", end, { once: true });
        });
      return {
        onLateAnswer(next) {
          listener = next;
        },
        async call(request, signal) {
          const away = (): Error => new ProviderError("the provider cannot be reached");
          const answer = await process.step(
            `ask the provider to ${request.action} under ${short(request.key)}`,
            () => {
              if (random.next() < faults.timeOut) return null;
              if (random.next() < faults.arriveLate) {
                later(random.integer(500, 25_000), () => void book(request));
                return null;
              }
              const made = book(request);
              if (random.next() < faults.loseAnswer) throw new ProviderError("the answer was lost");
              if (random.next() < faults.answerLate) {
                later(random.integer(500, 25_000), () => tell(request.key, made));
                return null;
              }
              if (random.next() < faults.answerTwice)
                later(random.integer(0, 300), () => tell(request.key, made));
              return made;
            },
            { to: "provider", away, outlives: true },
          );
          return answer ?? silence(signal);
        },
      };
    },
  };
}
