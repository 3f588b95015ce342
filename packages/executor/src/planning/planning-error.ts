import { GraphQLError } from "graphql";

/** Why an operation is not planned; the codes are those of `docs/errors.md`. */
export type PlanningErrorCode =
  "QUERY_TOO_LARGE" | "QUERY_PLANNING_TIMEOUT" | "QUERY_PLANNING_OVERLOADED" | "QUERY_PLANNING_FAILED";

const STATUS: Readonly<Record<PlanningErrorCode, number>> = {
  QUERY_TOO_LARGE: 400,
  QUERY_PLANNING_TIMEOUT: 400,
  // Says nothing about the operation: another time it will be planned.
  QUERY_PLANNING_OVERLOADED: 503,
  QUERY_PLANNING_FAILED: 501,
};

/** An operation that was not planned, because of a limit or for want of a right plan, in words for the client, with the HTTP status that is due. */
export class PlanningError extends GraphQLError {
  override readonly name = "PlanningError";

  constructor(code: PlanningErrorCode, message: string) {
    super(message, { extensions: { code, http: { status: STATUS[code] } } });
  }

  /** Whether the operation might be planned in other words. */
  get isOfWording(): boolean {
    return this.extensions["code"] === "QUERY_PLANNING_FAILED";
  }

  /** Whether the same operation would come to the same end: it is about the operation, not about the moment. */
  get isLasting(): boolean {
    return this.extensions["code"] !== "QUERY_PLANNING_OVERLOADED";
  }
}
