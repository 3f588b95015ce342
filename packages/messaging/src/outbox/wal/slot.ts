import pg from "pg";

/** What is published of a database: what is inserted into its outbox. */
export const PUBLICATION = "tributary_outbox";

/** The replication slot of a database's outbox; slots of all databases of a server share their names. */
export function slotName(database: string): string {
  return `tributary_outbox_${database.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_")}`.slice(0, 63);
}

/**
 * Makes the publication and the slot where they are missing: at the first start, after a failover to a server that does not
 * have the slot, or where the server gave up what the slot needs (`max_slot_wal_keep_size`).
 *
 * @param url of a role with REPLICATION that owns the outbox, or is a superuser
 * @returns whether the slot is new: what was written before is not in it
 */
export async function ensureSlot(url: string, slot: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {}); // the statement that is running says it
  await client.connect();
  try {
    const publications = await client.query("SELECT 1 FROM pg_publication WHERE pubname = $1", [PUBLICATION]);
    if (publications.rowCount === 0)
      await client.query(
        `CREATE PUBLICATION ${PUBLICATION} FOR TABLE outbox_messages WITH (publish = 'insert')`,
      );
    const { rows } = await client.query<{ lost: boolean }>(
      "SELECT coalesce(wal_status = 'lost', false) AS lost FROM pg_replication_slots WHERE slot_name = $1",
      [slot],
    );
    if (rows[0]?.lost === false) return false;
    if (rows[0]) await client.query("SELECT pg_drop_replication_slot($1)", [slot]);
    await client.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
    return true;
  } finally {
    await client.end();
  }
}
