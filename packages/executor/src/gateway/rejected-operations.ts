import type { PlanningError } from "../planning/planning-error.ts";

const KEPT_MILLISECONDS = 60_000;
const KEPT_OPERATIONS = 1_000;

/** Remembers for a minute which operations were beyond a limit, so that sending one again costs nothing. */
export class RejectedOperations {
  /** The oldest first. */
  readonly #rejections = new Map<string, { readonly error: PlanningError; readonly until: number }>();

  /** Why an operation was rejected; undefined where it was not, or long ago. */
  find(key: string): PlanningError | undefined {
    const rejection = this.#rejections.get(key);
    if (rejection === undefined || rejection.until > performance.now()) return rejection?.error;
    this.#rejections.delete(key);
    return undefined;
  }

  add(key: string, error: PlanningError): void {
    const [oldest] = this.#rejections.keys();
    if (this.#rejections.size >= KEPT_OPERATIONS && oldest !== undefined) this.#rejections.delete(oldest);
    this.#rejections.set(key, { error, until: performance.now() + KEPT_MILLISECONDS });
  }
}
