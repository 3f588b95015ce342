import { setTimeout as sleep } from "node:timers/promises";

/** An answer of the API: its data, or why there is none. */
export type Answer<Data> = { readonly data: Data } | { readonly code: string };

/** An order as the answer to a change has it. */
export interface ChangedOrder {
  readonly id: string;
  readonly status: string;
  readonly version: number;
}

/** An order as its progress query has it. */
export interface OrderProgress extends ChangedOrder {
  readonly rejectionReason: string | null;
  readonly history: readonly { readonly type: string; readonly occurredAt: string }[];
}

/** How many orders one request reads. */
export const BATCH = 50;
const ATTEMPTS = 3;
const LIMIT_MS = 10_000;

const changed = (name: string, type: string) => `mutation ($input: ${type}!) {
  result: ${name}(input: $input) { __typename ... on OrderChanged { order { id status version } } }
}`;
const OPERATIONS = {
  place: changed("placeOrder", "PlaceOrderInput"),
  cancel: changed("cancelOrder", "CancelOrderInput"),
  fulfil: changed("fulfilOrder", "FulfilOrderInput"),
};

const BATCH_INDEXES = Array.from({ length: BATCH }, (_, index) => index);
// One text for any number of orders, so that it is validated and planned once.
const PROGRESS = `query OrderProgress(${BATCH_INDEXES.map((index) => `$id${index}: ID!`).join(" ")}) {
  ${BATCH_INDEXES.map((index) => `order${index}: order(id: $id${index}) { ...progress }`).join(" ")}
}
fragment progress on Order { id status version rejectionReason history { type occurredAt } }`;

/** Does what customers and staff do, through the gateway. */
export interface Shop {
  /** Asks once. */
  ask<Data>(token: string, query: string, variables?: object): Promise<Answer<Data>>;
  /**
   * Changes an order. Where there is no answer it asks again under the same key, three times in all.
   *
   * @param input with its `idempotencyKey`
   * @returns the code of the refusal, such as `IllegalState`, or of the last failure
   */
  change(
    what: keyof typeof OPERATIONS,
    token: string,
    input: object,
  ): Promise<{ readonly order: ChangedOrder } | { readonly code: string; readonly isRefusal: boolean }>;
  /** Reads at most {@link BATCH} orders in one request; those that there are not are left out. */
  progress(token: string, ids: readonly string[]): Promise<Answer<readonly OrderProgress[]>>;
}

/**
 * Creates a client of the API.
 *
 * @param options.url the gateway's, without `/graphql`
 * @param options.onError told the code of each request that had no whole answer
 * @param options.signal gives up what is under way
 */
export function createShop(options: {
  readonly url: string;
  readonly onError: (code: string) => void;
  readonly signal: AbortSignal;
}): Shop {
  const { url, onError, signal } = options;

  async function ask<Data>(token: string, query: string, variables: object = {}): Promise<Answer<Data>> {
    const answer = await post<Data>(`${url}/graphql`, {
      token,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    });
    if ("code" in answer && !signal.aborted) onError(answer.code);
    return answer;
  }

  return {
    ask,
    async change(what, token, input) {
      for (let attempt = 1; ; attempt++) {
        const answer = await ask<{ result: { __typename: string; order?: ChangedOrder } }>(
          token,
          OPERATIONS[what],
          { input },
        );
        if ("data" in answer) {
          const { __typename: code, order } = answer.data.result;
          return order ? { order } : { code, isRefusal: true };
        }
        if (attempt === ATTEMPTS || signal.aborted) return { code: answer.code, isRefusal: false };
        await sleep(attempt * 250);
      }
    },
    async progress(token, ids) {
      const variables = Object.fromEntries(
        BATCH_INDEXES.map((index) => [`id${index}`, ids[index] ?? ids[0]]),
      );
      const answer = await ask<Record<string, OrderProgress | null>>(token, PROGRESS, variables);
      if ("code" in answer) return answer;
      const orders = ids.map((_, index) => answer.data[`order${index}`]);
      return { data: orders.filter((order) => order != null) };
    },
  };
}

interface Body<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

async function post<Data>(
  url: string,
  { token, body, signal }: { readonly token: string; readonly body: string; readonly signal: AbortSignal },
): Promise<Answer<Data>> {
  try {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: "POST", headers, body, signal });
    const text = await response.text();
    if (!/json/.test(response.headers.get("content-type") ?? "")) return { code: `HTTP_${response.status}` };
    const { data, errors = [] } = JSON.parse(text) as Body<Data>;
    if (errors.length > 0) return { code: codeOf(errors[0]?.extensions?.code) };
    return data == null ? { code: `HTTP_${response.status}` } : { data };
  } catch (error) {
    if (error instanceof SyntaxError) return { code: "NOT_JSON" };
    const { name, cause } = error as Error & { cause?: { code?: unknown } };
    return { code: name === "TimeoutError" ? "TIMEOUT" : codeOf(cause?.code) };
  }
}

/** What an error calls itself, fit to be printed. */
function codeOf(code: unknown): string {
  return typeof code === "string" && /^\w{1,40}$/.test(code) ? code : "NO_ANSWER";
}
