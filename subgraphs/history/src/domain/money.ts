/** An amount of money: an integer count of the currency's minor units (cents for USD), never a float. */
export interface Money {
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}
