import { type ExecutionResult, GraphQLError } from "graphql";
import { NO_ENTITY, UNKNOWN_TYPE } from "./completion.ts";
import type { Outcome } from "./outcome.ts";

/** What two outcomes differ in, in words; undefined where they are the same: data with its order, errors without. */
export function difference(expected: Outcome, actual: Outcome): string | undefined {
  if (expected.thrown !== undefined || actual.thrown !== undefined) {
    if (expected.thrown?.message === actual.thrown?.message) return undefined;
    return `thrown\n expected ${expected.thrown?.stack ?? "nothing"}\n actual   ${actual.thrown?.stack ?? "nothing"}`;
  }
  const [expectedData, actualData] = [expected, actual].map(({ data }) => JSON.stringify(data ?? null));
  if (expectedData !== actualData) return `data\n expected ${expectedData}\n actual   ${actualData}`;
  const [expectedErrors, actualErrors] = [expected, actual].map(({ errors }) => describeErrors(errors));
  if (expectedErrors !== actualErrors)
    return `errors\n expected ${expectedErrors}\n actual   ${actualErrors}`;
  return undefined;
}

/** What two outcomes differ in, what is said of values that break the schema included. */
export function wholeDifference(expected: Outcome, actual: Outcome): string | undefined {
  const found = difference(expected, actual);
  if (found !== undefined) return found;
  const [expectedTold, actualTold] = [expected, actual].map(({ extensions }) =>
    describeErrors(extensions?.valueCompletion),
  );
  if (expectedTold !== actualTold) return `extensions\n expected ${expectedTold}\n actual   ${actualTold}`;
  return undefined;
}

/**
 * What our two engines differ in: also in their calls. A query may be sent again where the fast engine hands over, or
 * another one where what a subgraph says of types depends on which answer is read first; a mutation never.
 *
 * @param isSound whether no subgraph does anything wrong
 */
export function engineDifference(reference: Outcome, fast: Outcome, isSound: boolean): string | undefined {
  const found = wholeDifference(reference, fast);
  if (found !== undefined) return found;
  const [expected, actual] = [reference, fast].map(({ calls }) => {
    const mutations = calls.filter(({ body }) => body.query.startsWith("mutation"));
    // The planner numbers operations; equal ones are sent again where equal entities come as different texts.
    const queries = new Set(
      calls.map(({ subgraph, body }) => `${subgraph} ${body.query.replace(/^query \w+/, "query")}`),
    );
    return [...mutations.map((call) => JSON.stringify(call)), ...(isSound ? [...queries].sort() : [])].join(
      "\n",
    );
  });
  return expected === actual ? undefined : `calls\n expected ${expected}\n actual   ${actual}`;
}

/**
 * What an outcome differs in from the specification's answer, which knows no codes. Where an error makes a place null,
 * other errors within that place may be told as well or not (GraphQL, section 6.4.4).
 */
export function differenceFromSpecification(answer: ExecutionResult, actual: Outcome): string | undefined {
  const { errors, ...rest } = actual;
  const told = errors?.filter((error) => isTold(error, answer) || !isWithinNullOf(error, answer));
  const withoutCodes = told?.map(({ message, path }) => new GraphQLError(message, { path }));
  const outcome = withoutCodes === undefined ? actual : { ...rest, errors: withoutCodes };
  return wholeDifference({ ...answer, calls: [], complaints: [], features: new Set() }, outcome);
}

function isTold({ path }: GraphQLError, { errors = [] }: ExecutionResult): boolean {
  return errors.some((each) => textOf(each.path) === textOf(path));
}

/** Whether an error is within a place that is null for another error that the answer has. */
function isWithinNullOf({ path = [] }: GraphQLError, { data, errors = [] }: ExecutionResult): boolean {
  let value: unknown = data;
  let depth = 0;
  while (depth < path.length && typeof value === "object" && value !== null)
    value = (value as Record<string | number, unknown>)[path[depth++] as string];
  if (value !== null) return false;
  const place = textOf(path.slice(0, depth));
  return errors.some((each) => textOf(each.path?.slice(0, depth)) === place);
}

/**
 * What ours differs in from stock without its faults.
 *
 * Values that break the schema: ours tells at least of those that graphql-js tells of, which stops at the first one
 * that an object fails of. Where the type of an object is unknown, that is an error; not where there is no such entity.
 */
export function differenceFromCorrected(corrected: Outcome, outcome: Outcome): string | undefined {
  const [ours, own] = withoutOwnErrors(outcome);
  const unknown = (ours.errors ?? []).filter(({ message }) => message.startsWith("Cannot tell the type of"));
  const told = new Set(
    [...(outcome.extensions?.valueCompletion ?? []), ...unknown, ...own].map(({ path }) => textOf(path)),
  );
  const broken = (corrected.extensions?.valueCompletion ?? [])
    // Next to errors, the rest is not told.
    .filter(({ message }) =>
      message === UNKNOWN_TYPE
        ? (ours.errors ?? []).length === unknown.length
        : message !== NO_ENTITY && outcome.errors === undefined,
    )
    // Ours tells it of the object.
    .map(({ message, path }) => textOf(message === UNKNOWN_TYPE ? path?.slice(0, -1) : path));
  const untold = broken.find((path) => !told.has(path));
  if (untold !== undefined) return `untold: a value at ${untold} breaks the schema`;
  const missing = new Set(
    (corrected.extensions?.valueCompletion ?? [])
      .filter(({ message }) => message === NO_ENTITY)
      .map(({ path }) => textOf(path?.slice(0, -1))),
  );
  const overtold = unknown.map(({ path }) => textOf(path)).find((path) => missing.has(path));
  if (overtold !== undefined) return `told: the entity at ${overtold} is missing, which is no error`;
  if (corrected.errors === undefined && unknown.length > 0) {
    const { errors, ...rest } = ours;
    const others = (errors ?? []).filter((error) => !unknown.includes(error));
    return difference(corrected, others.length === 0 ? rest : { ...rest, errors: others });
  }
  return difference(corrected, ours);
}

/**
 * An outcome without the errors that ours alone tells of, and these: of what no subgraph can tell, and of arguments that
 * take no null.
 */
function withoutOwnErrors(ours: Outcome): [rest: Outcome, own: readonly GraphQLError[]] {
  const isOwn = ({ message, extensions }: GraphQLError) =>
    extensions?.code === "UNRESOLVABLE_FIELD" ||
    (message.startsWith("Argument ") && extensions?.code === "BAD_USER_INPUT");
  const own = (ours.errors ?? []).filter(isOwn);
  if (own.length === 0) return [ours, own];
  const { errors = [], ...rest } = ours;
  const others = errors.filter((error) => !own.includes(error));
  return [others.length === 0 ? rest : { ...rest, errors: others }, own];
}

function textOf(path: GraphQLError["path"]): string {
  return JSON.stringify(path?.map(originalPart));
}

function originalPart(part: string | number): string | number {
  return typeof part === "string" ? part.replace(/_asked_*$/, "") : part;
}

function describeErrors(errors: readonly GraphQLError[] | undefined): string {
  const lines = (errors ?? []).map(({ message, path, extensions }) => {
    const text = message
      // Ours sends equal representations once, and so counts fewer.
      .replace(/to contain \d+ elements/, "to contain so many elements")
      // The planner writes literals in its own way.
      .replace(/(has invalid value ).*/, "$1...")
      // And has other texts, where they are broken.
      .replace(/(invalid json response body at .* reason: )[^]*/, "$1...");
    return JSON.stringify({ text, code: extensions?.code, service: extensions?.serviceName, path });
  });
  return JSON.stringify(lines.sort(), null, 1);
}
