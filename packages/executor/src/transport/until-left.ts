import type { TransportRequest } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

/**
 * An answer that several wait for, for one of them.
 *
 * @param left is called where this one leaves before the answer is there
 * @throws TransportError where this one leaves; else what the answer rejects with
 */
export function untilLeft<Answer>(
  answer: Promise<Answer>,
  { url, signal }: TransportRequest,
  left: (reason: unknown) => void,
): Promise<Answer> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(new TransportError(url, signal.reason));
      left(signal.reason);
    };
    const stay = () => signal.removeEventListener("abort", leave);
    signal.addEventListener("abort", leave, { once: true });
    answer.then(
      (value) => {
        stay();
        resolve(value);
      },
      (error: unknown) => {
        stay();
        reject(error);
      },
    );
  });
}
