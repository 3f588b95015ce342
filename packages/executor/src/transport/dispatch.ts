import type { ResponseReceiver, Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** Sends a request, and tells a receiver what comes of it. */
export type Dispatch<Request extends TransportRequest = TransportRequest> = (
  request: Request,
  receiver: ResponseReceiver,
) => void;

/** As much of a transport as it takes to send. */
export interface Sender<Request extends TransportRequest = TransportRequest> {
  send(request: Request): Promise<TransportResponse>;
  dispatch?(request: Request, receiver: ResponseReceiver): void;
}

/**
 * Makes a transport of its way to dispatch.
 *
 * Who wraps a transport as `{ ...transport, send }` replaces all ways to send: `dispatch` is not among what is copied.
 */
export function createTransport(dispatch: Dispatch, close: Transport["close"]): Transport {
  const send: Transport["send"] = (request) => promised((receiver) => dispatch(request, receiver));
  return Object.defineProperty({ send, close }, "dispatch", { value: dispatch });
}

/** Gives the function that sends by a transport, whether it has `dispatch` or not. It never throws. */
export function dispatchOf<Request extends TransportRequest>(transport: Sender<Request>): Dispatch<Request> {
  return (request, receiver) =>
    orFailure(receiver, () => {
      if (transport.dispatch === undefined) tell(receiver, transport.send(request));
      else transport.dispatch(request, receiver);
    });
}

/** Sends, and tells the receiver of what is thrown meanwhile: a call that cannot be sent has failed, as any other may. */
export function orFailure(receiver: ResponseReceiver, send: () => void): void {
  try {
    send();
  } catch (error) {
    receiver.onFailure(error);
  }
}

/** Tells a receiver what comes of a promise. */
export function tell(receiver: ResponseReceiver, answer: Promise<TransportResponse>): void {
  answer.then(
    (response) => receiver.onResponse(response),
    (error: unknown) => receiver.onFailure(error),
  );
}

/** A promise of what a receiver is told. */
export function promised(dispatch: (receiver: ResponseReceiver) => void): Promise<TransportResponse> {
  return new Promise((onResponse, onFailure) => dispatch({ onResponse, onFailure }));
}
