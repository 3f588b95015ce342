import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "../error.ts";

/** Asks the API one operation, and gives its data. */
export type AskApi = <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Data>;

const ATTEMPTS = 5;
const LIMIT_MS = 30_000;

interface Response {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/**
 * Creates a client of the gateway that reads: it asks again where a service is away for a while. An answer with an
 * error in it is none, since what is missing in it would be taken for missing.
 *
 * @param options.url the gateway's, without `/graphql`
 * @throws StackError from each call, where it has no whole answer in the end
 */
export function createApi({ url, token }: { readonly url: string; readonly token: string }): AskApi {
  return async <Data>(query: string, variables = {}): Promise<Data> => {
    let fault = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await sleep(attempt * 500);
      try {
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify({ query, variables }),
          signal: AbortSignal.timeout(LIMIT_MS),
        });
        const { data, errors = [] } = (await response.json()) as Response;
        if (errors.length === 0 && data != null) return data as Data;
        fault = errors[0]?.message ?? `HTTP ${response.status}`;
        const code = errors[0]?.extensions?.code;
        if (response.status === 401 || code === "UNAUTHENTICATED" || code === "UNAUTHORIZED_FIELD_OR_TYPE")
          throw new StackError(`the token is not an administrator's: ${fault}`);
      } catch (error) {
        if (error instanceof StackError) throw error;
        const { message, cause } = error as Error;
        fault = cause instanceof Error ? cause.message : message;
      }
    }
    throw new StackError(`${url} gives no whole answer: ${fault}`);
  };
}
