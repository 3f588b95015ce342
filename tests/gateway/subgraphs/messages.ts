/** What the process of the subgraphs is asked; each is answered with one message. */
export type SubgraphsCommand = "counts" | "reset" | "record" | "recorded";

/** Calls to subgraphs since the last reset. */
export interface Counts {
  readonly calls: number;
  /** Different `authorization` headers that were seen. */
  readonly tokens: number;
  /** Fewest and most calls with one token. */
  readonly least: number;
  readonly most: number;
}

/** One call as it was recorded. */
export interface Call {
  readonly path: string;
  readonly body: string;
}
