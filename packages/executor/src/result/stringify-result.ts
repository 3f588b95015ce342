import type { FormattedExecutionResult } from "graphql";
import { releaseData, responseOfData, responseTextOfData, textOfData } from "./text-data.ts";

/**
 * Writes a GraphQL response as JSON. Data that is text already goes in as it is. For Apollo Server's `stringifyResult`;
 * the response has the members of GraphQL over HTTP in the order in which they were set, and ends in a newline as
 * Apollo Server's own do.
 *
 * @param result a response, from an executor of this package or any other
 */
export function stringifyResult(result: FormattedExecutionResult): string {
  const response = isDataAlone(result) ? responseTextOfData(result.data) : undefined;
  if (response !== undefined) return response;
  const text = textOfData(result.data);
  if (text === undefined) return `${JSON.stringify(result)}\n`;
  const members: string[] = [];
  for (const [name, value] of Object.entries(result)) {
    if (name === "data") members.push(`"data":${text}`);
    else if (value !== undefined) members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  }
  return `{${members.join(",")}}\n`;
}

/**
 * Writes a GraphQL response as JSON in UTF-8, as `stringifyResult` does; a response that is nothing but data that is
 * text already is not even copied.
 */
export function resultBytes(result: FormattedExecutionResult): Buffer {
  const response = isDataAlone(result) ? responseOfData(result.data) : undefined;
  return response ?? Buffer.from(stringifyResult(result));
}

/**
 * The same for Apollo Server's `stringifyResult` where what it gives is handed to node:http, Express or Fastify as it is,
 * and to nothing else, as Apollo Server's standalone server and its integrations for those do: they take bytes as well as
 * text, which costs two copies of the response. It is typed as what Apollo Server wants, and gives a Buffer.
 */
export function stringifyResultToBytes(result: FormattedExecutionResult): string {
  return resultBytes(result) as unknown as string;
}

/**
 * Gives the memory that `resultBytes` told of back, for other responses. To be called at most once, when the bytes are
 * sent and nobody looks at them or at the response's data any more; not at all is right too.
 */
export function releaseResult({ data }: FormattedExecutionResult): void {
  releaseData(data);
}

function isDataAlone(result: FormattedExecutionResult): boolean {
  for (const name in result) {
    if (name !== "data" && result[name as keyof FormattedExecutionResult] !== undefined) return false;
  }
  return true;
}
