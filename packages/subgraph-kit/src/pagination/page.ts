import { pageSizeOutOfRange } from "../errors/index.ts";
import { decodeCursor, encodeCursor, type Ordering, type Position } from "./cursor.ts";

/** The most that one page may hold. */
export const LARGEST_PAGE = 100;

/** Which page of a list to read. */
export interface PageRequest {
  /** How many rows, 1 to `LARGEST_PAGE`. */
  first: number;
  ordering: Ordering;
  /** Where the page starts, that place left out; null for the list's start. */
  after: Position | null;
}

/**
 * Checks the paging arguments of a connection field (Relay Cursor Connections, forward paging).
 *
 * @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function pageRequest(
  args: { first: number; after?: string | null | undefined },
  ordering: Ordering,
): PageRequest {
  if (args.first < 1 || args.first > LARGEST_PAGE) throw pageSizeOutOfRange(args.first, 1, LARGEST_PAGE);
  return {
    first: args.first,
    ordering,
    after: args.after == null ? null : decodeCursor(ordering, args.after),
  };
}

/** A connection as its fields' default resolvers read it. */
export interface Connection<Row> {
  edges: { cursor: string; node: Row }[];
  nodes: Row[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  /** Counted only where it is asked for. */
  totalCount: () => Promise<number>;
}

/**
 * Makes a connection of the rows read for a page.
 *
 * @param rows at most `first + 1` rows in order; the one too many says that another page follows
 * @param positionOf where a row stands in the ordering
 * @param totalCount counts the rows on all pages together
 */
export function toConnection<Row>(
  request: PageRequest,
  rows: readonly Row[],
  { positionOf, totalCount }: { positionOf: (row: Row) => Position; totalCount: () => Promise<number> },
): Connection<Row> {
  const nodes = rows.slice(0, request.first);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(request.ordering, positionOf(node)), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: rows.length > request.first,
      hasPreviousPage: request.after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}
