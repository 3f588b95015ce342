import type { Waiting } from "./waiting.ts";

/** One run of an operation, for everybody who sent the same request while it was under way. */
export interface Flight<Run, Context, Result> {
  readonly run: Run;
  /** Of the request that was first. */
  readonly context: Context;
  readonly outcome: Promise<Result>;
  /** Everybody who shares it. */
  readonly waiting: Waiting;
  /** The answer, once it was made of the outcome. */
  body: Buffer | null;
}

/** Queries that are under way. */
export interface Flights<Each> {
  /** The run of an equal request, if there is one to join. */
  find(key: string): Each | undefined;
  /** Keeps a run for others to join until it ends. */
  add(key: string, flight: Each): void;
}

/** Makes a register of runs that equal requests can join. */
export function createFlights<Run, Context, Result>(): Flights<Flight<Run, Context, Result>> {
  const underWay = new Map<string, Flight<Run, Context, Result>>();
  return {
    find(key) {
      const flight = underWay.get(key);
      // It may be ending without an answer where everybody has left.
      return flight === undefined || flight.waiting.isOver ? undefined : flight;
    },
    add(key, flight) {
      underWay.set(key, flight);
      const land = () => {
        if (underWay.get(key) === flight) underWay.delete(key);
      };
      flight.outcome.then(land, land);
    },
  };
}
