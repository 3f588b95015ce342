/** Thrown while running: the request goes on in the reference engine, over the answers that came so far. */
export class Handover extends Error {
  override readonly name = "Handover";
}

// Made once each, as it is the stack that costs; all of them are caught in one place.

/** The text is not what was asked for: no JSON, other fields, another type, a value of another kind. */
export const UNREADABLE = new Handover("An answer is not as asked for.");
/** The answer tells of errors, or is no success. */
export const NO_SUCCESS = new Handover("An answer is not a plain success.");
/** A null, or nothing, where the schema has none: nulls spread, and errors are to be told. */
export const MISSING = new Handover("A value is missing.");
