import type { Waiting } from "./waiting.ts";

/** What makes two requests the same. */
export interface FlightKey {
  /** The whole body. */
  readonly text: string;
  /** What else an answer can depend on. */
  readonly headers: string;
}

/** One run of an operation, for everybody who sent the same request while it was under way. */
export interface Flight<Run, Context, Passenger> {
  readonly key: FlightKey;
  readonly run: Run;
  /** Of the request that was first. */
  readonly context: Context;
  /** Everybody who shares it. */
  readonly waiting: Waiting;
  /** Who is answered when it ends. */
  readonly passengers: Passenger[];
}

/** Queries that are under way. */
export interface Flights<Each> {
  /** The run of an equal request, if there is one to join. */
  find(key: FlightKey): Each | undefined;
  /** Keeps a run for others to join. */
  add(flight: Each): void;
  /** Lets nobody join a run any more. */
  remove(flight: Each): void;
}

/** Makes a register of runs that equal requests can join. */
export function createFlights<
  Each extends { readonly key: FlightKey; readonly waiting: Waiting },
>(): Flights<Each> {
  /** By text, which is long and mostly known, and then by headers. */
  const underWay = new Map<string, Map<string, Each>>();
  return {
    find({ text, headers }) {
      const flight = underWay.get(text)?.get(headers);
      // It may be ending without an answer where everybody has left.
      return flight === undefined || flight.waiting.isOver ? undefined : flight;
    },
    add(flight) {
      const { text, headers } = flight.key;
      const alike = underWay.get(text);
      if (alike === undefined) underWay.set(text, new Map([[headers, flight]]));
      else alike.set(headers, flight);
    },
    remove(flight) {
      const { text, headers } = flight.key;
      const alike = underWay.get(text);
      if (alike?.get(headers) !== flight) return;
      alike.delete(headers);
      if (alike.size === 0) underWay.delete(text);
    },
  };
}
