/** The contexts that own what happened. */
export const FACT_CONTEXTS = ["customer", "order", "payment"] as const;

/** The bounded contexts: each is a subgraph, a database and a role of the same name. `history` is made of the others. */
export const CONTEXTS = [...FACT_CONTEXTS, "history"] as const;

export type FactContext = (typeof FACT_CONTEXTS)[number];
export type Context = (typeof CONTEXTS)[number];
