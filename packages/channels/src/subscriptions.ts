/**
 * The channels between the contexts, and who listens to each. `<context>.commands` asks a context to do something,
 * `<context>.events` tells what happened in it, and `order.replies` repeats to the sagas of orders what had happened
 * before it was asked for once more. `history.replies` carries pages of what the contexts have, which the history view asks
 * for by commands.
 */
export const SUBSCRIPTIONS = {
  "customer.commands": ["customer"],
  "order.commands": ["order"],
  "payment.commands": ["payment"],
  "order.replies": ["order"],
  "history.replies": ["history"],
  "customer.events": ["order", "history"],
  "order.events": ["history"],
  "payment.events": ["order", "history"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Channel = keyof typeof SUBSCRIPTIONS;
