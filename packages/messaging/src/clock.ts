import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuid } from "uuid";

/** Time, chance and new ids, as everything takes them that handles messages: a simulation has its own. */
export interface Clock {
  /** Wall time, milliseconds since 1970. It may jump. */
  now(): number;
  /** Settles after so many milliseconds, or at once where the signal is or gets aborted. It never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
  /** A new UUIDv7. */
  id(): string;
}

/** The machine's. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    sleep(milliseconds, undefined, { ...(signal && { signal }) }).catch((error: Error) => {
      if (error.name !== "AbortError") throw error;
    }),
  random: () => Math.random(),
  id: () => uuid(),
};
