import type { Logger } from "pino";

/** How plans and programs are kept; what of it the log tells. */
export interface LoggedPrograms {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly warmedUp: number;
  readonly operations: number;
  readonly programs: number;
  readonly bytes: number;
  readonly limitBytes: number;
  readonly plans: number;
  readonly planMilliseconds: number;
  readonly compiled: number;
  readonly generated: number;
  readonly compileMilliseconds: number;
}

export interface ProgramLogOptions {
  readonly logger: Logger;
  /** The supergraph that is served, and its programs. */
  readonly current: () => { readonly hash: string; readonly programs: LoggedPrograms };
  /** How often it is looked whether there is something to tell, in milliseconds. @default a minute */
  readonly interval?: number;
}

export interface ProgramLog {
  /** Tells of a supergraph that is not served any more. */
  note(hash: string, programs: LoggedPrograms): void;
  /** Tells of what came since the last time, and of nothing more. */
  stop(): void;
}

/**
 * Writes how well programs are kept: each minute in which there were operations, when a supergraph is swapped, and at
 * the end. Counts are since the supergraph came; the log's reader sees rates in the differences.
 */
export function startProgramLog({ logger, current, interval = 60_000 }: ProgramLogOptions): ProgramLog {
  let told = "";
  const note = (supergraph: string, programs: LoggedPrograms) => {
    const { hits, misses, planMilliseconds, compileMilliseconds, ...rest } = programs;
    const key = `${supergraph} ${hits + misses}`;
    if (hits + misses === 0 || key === told) return;
    told = key;
    logger.info(
      {
        supergraph,
        hits,
        misses,
        ...rest,
        planMs: Math.round(planMilliseconds),
        compileMs: Math.round(compileMilliseconds),
      },
      "programs",
    );
  };
  const look = () => {
    const { hash, programs } = current();
    note(hash, programs);
  };
  const timer = setInterval(look, interval).unref();
  return {
    note,
    stop() {
      clearInterval(timer);
      look();
    },
  };
}
