/** Thrown while compiling: the plan holds what the fast engine does not do, so that the reference engine runs it. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}
