import type { FetchNode } from "@apollo/query-planner";

/** Writes the JSON body of a GraphQL request around variables that are JSON already: members of an object, or nothing. */
export type RequestBody = (variables: string) => string;

/** Prepares the body of a fetch's requests. */
export function writeRequestBody({ operation, operationName }: FetchNode): RequestBody {
  const head = `{"query":${JSON.stringify(operation)},"variables":{`;
  const tail = operationName === undefined ? "}}" : `},"operationName":${JSON.stringify(operationName)}}`;
  return (variables) => head + variables + tail;
}
