import { codedError } from "@tributary/subgraph-kit/errors";
import type { GraphQLError } from "graphql";
import { findValueFault, nestsDeeper } from "./nesting.ts";

/** What a client sent, as far as it is what it should be. */
interface SentOperation {
  readonly query: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes the check of what no parser, rule or service could take: brackets, and lists and objects in variables, that nest
 * too deep, and numbers that are none.
 *
 * @param maxNesting levels, of the document and of each variable
 */
export function createRequestCheck(maxNesting: number): (sent: SentOperation) => GraphQLError | null {
  const options = { httpStatus: 400 };
  const most = `at most ${maxNesting} levels are taken.`;
  return ({ query, variables }) => {
    if (query !== undefined && nestsDeeper(query, maxNesting))
      return codedError("QUERY_TOO_LARGE", `The document's brackets nest too deep; ${most}`, options);
    for (const [name, value] of Object.entries(variables ?? {})) {
      const fault = findValueFault(value, maxNesting);
      if (fault === "too deep")
        return codedError("BAD_USER_INPUT", `The variable "$${name}" nests too deep; ${most}`, options);
      if (fault === "not finite") {
        const message = `The variable "$${name}" has a number that is too large for JSON's numbers.`;
        return codedError("BAD_USER_INPUT", message, options);
      }
    }
    return null;
  };
}
