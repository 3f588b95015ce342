import { splitJsonArray } from "./json-array.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { untilLeft } from "./until-left.ts";

/** A query with the GraphQL request that it is for: only what is for the same one goes together. */
export interface BatchableRequest extends TransportRequest {
  readonly scope: object;
}

/** Statuses that say nothing of batches: whoever asks is not to, or the subgraph cannot. */
const OF_ALL = new Set([401, 403, 429]);
const TOO_LARGE = 413;

/**
 * Sends queries that are ready at the same moment for the same GraphQL request, URL and headers as one HTTP call: a list
 * of them, as Apollo Server takes it with `allowBatchedHttpRequests`, Yoga with `batching`, and others.
 *
 * What a subgraph does not answer with a list of as many answers is sent again one by one. Where that is since it takes
 * no lists, it is never sent one again.
 *
 * @param refused is told once of each URL that takes none
 */
export function batchQueries(
  transport: Pick<Transport, "send">,
  refused: (request: BatchableRequest) => void,
): (request: BatchableRequest) => Promise<TransportResponse> {
  const refusing = new Set<string>();
  const waves = new WeakMap<object, Wave[]>();
  return (request) => {
    const { url, signal, scope } = request;
    if (refusing.has(url)) return transport.send(request);
    if (signal?.aborted === true) return Promise.reject(new TransportError(url, signal.reason));
    let open = waves.get(scope);
    if (open === undefined) waves.set(scope, (open = []));
    let wave = open.find((each) => each.takes(request));
    if (wave === undefined) {
      open.push((wave = new Wave(transport, request)));
      const own = wave;
      const waiting = open;
      // Once all that is ready now has been sent: what promises that are settled by now lead to included.
      queueMicrotask(() =>
        process.nextTick(() => {
          waiting.splice(waiting.indexOf(own), 1);
          void own.send().then((takesBatches) => {
            if (takesBatches || refusing.has(url)) return;
            refusing.add(url);
            refused(request);
          });
        }),
      );
    }
    return wave.join(request);
  };
}

interface Member {
  readonly request: TransportRequest;
  readonly answer: PromiseWithResolvers<TransportResponse>;
  hasLeft: boolean;
}

/** Queries that go together. */
class Wave {
  readonly #transport: Pick<Transport, "send">;
  readonly #first: TransportRequest;
  readonly #members: Member[] = [];
  readonly #controller = new AbortController();

  constructor(transport: Pick<Transport, "send">, first: TransportRequest) {
    this.#transport = transport;
    this.#first = first;
  }

  takes({ url, headers }: TransportRequest): boolean {
    const own = this.#first.headers;
    if (url !== this.#first.url) return false;
    const names = Object.keys(headers);
    return names.length === Object.keys(own).length && names.every((name) => headers[name] === own[name]);
  }

  join(request: TransportRequest): Promise<TransportResponse> {
    const member: Member = { request, answer: Promise.withResolvers(), hasLeft: false };
    this.#members.push(member);
    return untilLeft(member.answer.promise, request, (reason) => {
      member.hasLeft = true;
      if (this.#members.every(({ hasLeft }) => hasLeft)) this.#controller.abort(reason);
    });
  }

  /**
   * Sends those that are there by now.
   *
   * @returns whether the subgraph takes more than one at a time, as far as it is known; never rejects
   */
  async send(): Promise<boolean> {
    const members = this.#members.filter(({ hasLeft }) => !hasLeft);
    const [first] = members;
    if (first === undefined) return true;
    if (members.length === 1) {
      this.#sendAlone(members);
      return true;
    }
    try {
      const response = await this.#transport.send({
        ...this.#first,
        body: `[${members.map(({ request }) => request.body).join(",")}]`,
        signal: this.#controller.signal,
      });
      return this.#share(members, response);
    } catch (error) {
      for (const { answer } of members) answer.reject(error);
      return true;
    }
  }

  #share(members: readonly Member[], response: TransportResponse): boolean {
    const { status, body } = response;
    const items = splitJsonArray(body);
    const isSuccess = status >= 200 && status <= 299;
    if (isSuccess && items?.length === members.length) {
      members.forEach(({ answer }, index) => answer.resolve({ ...response, body: items[index] as string }));
      return true;
    }
    if (items === null && (OF_ALL.has(status) || status >= 500)) {
      for (const { answer } of members) answer.resolve(response);
      return true;
    }
    this.#sendAlone(members.filter(({ hasLeft }) => !hasLeft));
    // Servers give a list the status of whichever query in it is wrong.
    return status === TOO_LARGE || (items !== null && !isSuccess);
  }

  #sendAlone(members: readonly Member[]): void {
    for (const { request, answer } of members) answer.resolve(this.#sendOne(request));
  }

  /** Never throws: a transport that does has failed that one call. */
  async #sendOne(request: TransportRequest): Promise<TransportResponse> {
    return this.#transport.send(request);
  }
}
