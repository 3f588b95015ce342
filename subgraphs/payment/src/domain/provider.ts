import type { Money } from "./money.ts";

/** What a provider is asked to do with a payment. */
export type ProviderAction = "AUTHORISE" | "CAPTURE" | "VOID" | "REFUND";

/** One call of a provider. */
export interface ProviderRequest {
  /** The provider does what is asked under one key once, and gives the first answer again. */
  readonly key: string;
  readonly paymentId: string;
  readonly action: ProviderAction;
  readonly amount: Money;
}

/** What the provider did. Only an authorisation can be declined. */
export type ProviderAnswer =
  { readonly outcome: "DONE" } | { readonly outcome: "DECLINED"; readonly reason: string };

/**
 * Moves the money: a bank, or whoever acts for one.
 *
 * An answer may be lost after the work was done, come late, or come twice: the key is what makes a repetition safe.
 */
export interface PaymentProvider {
  /**
   * Asks the provider to do something.
   *
   * @param signal gives up waiting; whether it was done is not known then
   * @throws {ProviderError} where there is no answer
   */
  call(request: ProviderRequest, signal: AbortSignal): Promise<ProviderAnswer>;
  /** Sets who is told of answers to calls that nobody waits for any more: late ones, and repeated ones. */
  onLateAnswer(listener: (key: string, answer: ProviderAnswer) => void): void;
}

/** The provider could not be asked, or gave no answer: the call is to be repeated under its key. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
}
