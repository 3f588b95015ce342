/** How long a response is waited for. */
export interface RequestLimit {
  readonly milliseconds: number;
  /** Called when the time is over; the request then counts as one without a response. */
  readonly onLate?: () => void;
}

/** Requests to another process that wait for their responses. */
export interface PendingRequests<Response> {
  /**
   * Sends a request under an id of its own, so that any number of equal ones can be under way at one time.
   *
   * @param send sends it with the id, which the response has to repeat
   * @returns the response; null where the time is over, or where the other process has gone
   */
  request(send: (id: number) => void, limit: RequestLimit): Promise<Response | null>;
  /** Takes a response. One that nobody waits for any more is dropped. */
  settle(id: number, response: Response): void;
  /** Ends all that wait, and whatever is asked from now on: there is nobody to respond. */
  abandon(): void;
}

/** Creates a table of requests over a channel that keeps no order between requests and responses. */
export function createPendingRequests<Response>(): PendingRequests<Response> {
  const waiting = new Map<number, (response: Response | null) => void>();
  let lastId = 0;
  let isAbandoned = false;
  return {
    request(send, { milliseconds, onLate }) {
      if (isAbandoned) return Promise.resolve(null);
      const id = ++lastId;
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          onLate?.();
          resolve(null);
        }, milliseconds);
        waiting.set(id, (response) => {
          waiting.delete(id);
          clearTimeout(timer);
          resolve(response);
        });
        send(id);
      });
    },
    settle(id, response) {
      waiting.get(id)?.(response);
    },
    abandon() {
      isAbandoned = true;
      for (const end of [...waiting.values()]) end(null);
    },
  };
}
