import { type Dispatch, dispatchOf, type Sender } from "./dispatch.ts";
import type { ResponseReceiver, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

/** The statuses that say to ask elsewhere. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** How many redirects a call follows at most, as make-fetch-happen does, which is the client of Apollo's data source. */
const MOST_REDIRECTS = 20;
/** Headers that say who is asking: for the origin that they were meant for alone. */
const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** A subgraph redirects a call, and the redirect is not followed. */
export class RedirectError extends TransportError {
  override readonly code: string;

  constructor(url: string, code: string, message: string) {
    super(url, undefined);
    this.code = code;
    this.message = message;
  }
}

/**
 * Makes what sends by a transport and follows redirects (RFC 9110, 15.4), as Apollo's RemoteGraphQLDataSource does: with
 * 301, 302 and 303 to a GET without a body, with 307 and 308 by the same POST. Other than there, credentials stay with
 * their origin, ports and protocols included, and no call goes from `https` to `http`.
 *
 * Who waits is told RedirectError where a redirect leads nowhere, where it may not go, or beyond 20 of them.
 */
export function followRedirects<Request extends TransportRequest>(
  transport: Sender<Request>,
): Dispatch<Request> {
  const dispatch = dispatchOf(transport);
  return (request, receiver) => dispatch(request, new RedirectedCall(request, receiver, dispatch));
}

/** One call, through all of its redirects. */
class RedirectedCall<Request extends TransportRequest> implements ResponseReceiver {
  #request: Request;
  readonly #receiver: ResponseReceiver;
  readonly #dispatch: Dispatch<Request>;
  #redirects = 0;

  constructor(request: Request, receiver: ResponseReceiver, dispatch: Dispatch<Request>) {
    this.#request = request;
    this.#receiver = receiver;
    this.#dispatch = dispatch;
  }

  onResponse(response: TransportResponse): void {
    if (!REDIRECTS.has(response.status)) return this.#receiver.onResponse(response);
    const { status, headers } = response;
    response.release?.();
    const { url } = this.#request;
    const { location } = headers;
    if (location === undefined)
      return this.#refuse("EINVALIDREDIRECT", `redirect location header missing for: ${url}`);
    if (this.#redirects++ === MOST_REDIRECTS)
      return this.#refuse("EMAXREDIRECT", `maximum redirect reached at: ${url}`);
    const from = URL.parse(url);
    const to = URL.parse(location, url);
    if (to === null || (to.protocol !== "http:" && to.protocol !== "https:"))
      return this.#refuse("EINVALIDREDIRECT", `redirect location is no URL of HTTP for: ${url}`);
    if (from?.protocol === "https:" && to.protocol === "http:")
      return this.#refuse("EINSECUREREDIRECT", `redirect from https to http refused at: ${url}`);
    this.#request = redirected(this.#request, { from, to, keepsBody: status === 307 || status === 308 });
    this.#dispatch(this.#request, this);
  }

  onFailure(error: unknown): void {
    this.#receiver.onFailure(error);
  }

  #refuse(code: string, message: string): void {
    this.#receiver.onFailure(new RedirectError(this.#request.url, code, message));
  }
}

interface Redirect {
  readonly from: URL | null;
  readonly to: URL;
  readonly keepsBody: boolean;
}

function redirected<Request extends TransportRequest>(
  request: Request,
  { from, to, keepsBody }: Redirect,
): Request {
  const { headers } = request;
  const kept =
    from?.origin === to.origin
      ? headers
      : Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name)));
  const sent = { ...request, url: to.href, headers: kept };
  return keepsBody ? sent : { ...sent, method: "GET", body: "", idempotent: true };
}
