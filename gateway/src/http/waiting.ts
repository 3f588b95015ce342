/** Something that comes to its end when nobody waits any more, whether answered or not. */
interface Endable {
  end(reason: unknown): void;
}

/** A response of node:http, or what tells the same. */
interface Closing {
  once(event: "close", listener: () => void): unknown;
}

/** One for all: where it comes from says nothing, and to find that out takes longer than the rest of a request. */
const nobodyWaits = new Error("nobody waits any more");

/** The clients that wait for the outcome of one run: over when each of them has its answer, or has left. */
export class Waiting {
  #clients = 0;
  #isOver = false;
  #endables: Endable[] | null = null;

  /** Whether nobody waits any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** One more client waits, until it has the whole answer or has closed its connection: until "close". */
  join(client: Closing): void {
    this.#clients += 1;
    client.once("close", () => {
      this.#clients -= 1;
      // One client must not end what others wait for.
      if (this.#clients === 0) this.#end();
    });
  }

  /** Has something ended when nobody waits any more. */
  onOver(endable: Endable): void {
    if (this.#isOver) endable.end(nobodyWaits);
    else (this.#endables ??= []).push(endable);
  }

  #end(): void {
    this.#isOver = true;
    for (const endable of this.#endables ?? []) endable.end(nobodyWaits);
    this.#endables = null;
  }
}
