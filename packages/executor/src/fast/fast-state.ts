import type { ProgramSource } from "../compile/program-source.ts";
import type { Step } from "../compile/steps.ts";
import type { DataSources } from "../run/request.ts";
import { takesBodies } from "../subgraph/body-source.ts";
import { compileFast, type FastProgram } from "./fast-program.ts";
import { Handover } from "./handover.ts";
import { Unsupported } from "./unsupported.ts";

/** After so many failures on end, some requests go straight to the reference engine. */
const FAILURES_ON_END = 8;
const PAUSE = 64;

/** A program's way to the fast engine. */
export class FastState {
  readonly #source: ProgramSource;
  readonly #step: Step | null;
  #program: FastProgram | null | undefined;
  #runs = 0;
  #failuresOnEnd = 0;
  #pause = 0;
  /** Why the fast engine does not run the program, or did not the last time; for whoever looks for speed. */
  reason: string | null = null;

  constructor(source: ProgramSource, step: Step | null) {
    this.#source = source;
    this.#step = step;
  }

  /** The program with generated code; null where the reference engine is to run the request. */
  take(dataSources: DataSources): FastProgram | null {
    if (this.#program === undefined && this.#runs++ < this.#source.fastAfterRuns) return null;
    if (this.#pause > 0) {
      this.#pause--;
      return null;
    }
    return this.prepare(dataSources);
  }

  /** Generates the code, if that was not done. */
  prepare(dataSources: DataSources): FastProgram | null {
    if (this.#program === undefined) this.#program = this.#compile(dataSources);
    return this.#program;
  }

  succeeded(): void {
    this.#failuresOnEnd = 0;
  }

  /**
   * Takes note of why a run was given up.
   *
   * @throws what was thrown, where that is no reason but a fault
   */
  failed(error: unknown): void {
    if (!(error instanceof Handover)) throw error;
    this.reason = error.message;
    if (++this.#failuresOnEnd < FAILURES_ON_END) return;
    this.#failuresOnEnd = 0;
    this.#pause = PAUSE;
  }

  #compile(dataSources: DataSources): FastProgram | null {
    try {
      if (this.#step === null) throw new Unsupported("nothing to fetch");
      if (!Object.values(dataSources).every(takesBodies)) throw new Unsupported("data sources of their own");
      const began = performance.now();
      const program = compileFast(this.#source, this.#step);
      this.#source.onGenerated(program.length, performance.now() - began);
      return program;
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      this.reason = error.message;
      return null;
    }
  }
}
