/** What goes on when a step is done. */
export interface Continuation {
  done(): void;
}

/** Goes on when several are done. */
export class Join implements Continuation {
  readonly #then: Continuation;
  #open: number;

  constructor(count: number, then: Continuation) {
    this.#open = count;
    this.#then = then;
  }

  done(): void {
    if (--this.#open === 0) this.#then.done();
  }
}
