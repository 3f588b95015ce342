import type { DocumentNode } from "graphql";
import type { Conditions } from "../compile/operation.ts";

/** What an operation is known by. */
export interface OperationSource {
  /** SHA-256, in hex, of the document's text as clients send it: Apollo Server's `queryHash`. */
  readonly queryHash: string;
  readonly document: DocumentNode;
  /** Which one of the document it is; null for the only one of a document. */
  readonly operationName: string | null;
  /** Labels of progressive overrides that it is planned with, in an order; undefined for none. */
  readonly overrideLabels?: readonly string[] | undefined;
  /** Whether the gateway made it from a client's operation, for requests that give null for some of its variables. */
  readonly isForNulls?: boolean;
}

/** An operation that was sent, or will be: enough to plan and compile it on another supergraph. */
export interface UsedOperation extends OperationSource {
  /** How often it was sent; what was sent for supergraphs before the current one counts less and less. */
  readonly uses: number;
  /** The values that its `@skip` and `@include` variables had; empty where that is not known. */
  readonly conditions: readonly Conditions[];
}
