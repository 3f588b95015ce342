import type { LedgerEntryRecord } from "@tributary/payment/protocol";

/** What a ledger comes to, in minor units. */
export interface LedgerSums {
  readonly authorised: number;
  readonly captured: number;
  readonly refunded: number;
  readonly voided: number;
}

/** Adds a ledger up. */
export function ledgerSums(entries: readonly LedgerEntryRecord[]): LedgerSums {
  const sum = (type: LedgerEntryRecord["type"]): number =>
    entries.reduce((total, entry) => (entry.type === type ? total + entry.amount.amountMinor : total), 0);
  return {
    authorised: sum("AUTHORISATION"),
    captured: sum("CAPTURE"),
    refunded: sum("REFUND"),
    voided: sum("VOID"),
  };
}
