import type { ClientBase } from "pg";

/** How rows that were given to a `merge` stand in the tables now. */
export interface Standing {
  /** How many rows were given. */
  readonly given: number;
  /** How many of them are in the table. */
  readonly standing: number;
  /** How many of those have been changed there since they were loaded: they are at a higher version. */
  readonly changedSince: number;
  /** The sum of the given rows' amounts, in minor units, whatever their currencies. */
  readonly givenMinor: bigint;
  /** The same sum as it stands in the table. */
  readonly standingMinor: bigint;
  /** The keys of rows that stand in the table with another content that no later change explains; at most ten. */
  readonly differing: readonly string[];
}

/**
 * Asks how given rows stand.
 *
 * @param client a client in the transaction of the `merge`, whose temporary tables are still there
 * @param rows a query that gives, for each given row, `key text, standing boolean, changed boolean, differs boolean,
 *   given_minor bigint, standing_minor bigint`
 */
export async function readStanding(client: ClientBase, rows: string): Promise<Standing> {
  const answer = await client.query<Record<string, string> & { differing: string[] | null }>(
    `SELECT count(*) AS given,
            count(*) FILTER (WHERE standing) AS standing,
            count(*) FILTER (WHERE changed) AS changed,
            coalesce(sum(given_minor), 0) AS given_minor,
            coalesce(sum(standing_minor), 0) AS standing_minor,
            (array_agg(key ORDER BY key) FILTER (WHERE differs))[1:10] AS differing
       FROM (${rows}) AS rows`,
  );
  const row = answer.rows[0]!;
  return {
    given: Number(row.given),
    standing: Number(row.standing),
    changedSince: Number(row.changed),
    // sum(bigint) is a numeric, which pg gives as text: it may well be beyond 2^53.
    givenMinor: BigInt(row.given_minor!),
    standingMinor: BigInt(row.standing_minor!),
    differing: row.differing ?? [],
  };
}
