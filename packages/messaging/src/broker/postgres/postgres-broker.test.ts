import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provisionDatabases, startPostgres } from "@tributary/postgres";
import pg from "pg";
import { describeBroker } from "../broker-contract.fixture.ts";
import { openPostgresBroker } from "./postgres-broker.ts";
import { queueName } from "./queues.ts";

describeBroker("PostgreSQL", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tributary-broker-"));
  const cluster = {
    folder: join(folder, "cluster"),
    password: randomBytes(12).toString("hex"),
    removeWhenLost: folder,
  };
  let server = await startPostgres({ ...cluster, durable: false });
  const { port } = server;
  return {
    async fresh() {
      const database = `broker_${randomBytes(4).toString("hex")}`;
      const password = randomBytes(12).toString("hex");
      await provisionDatabases(server.adminUrl(), [{ database, role: database, password }]);
      return `postgresql://${database}:${password}@127.0.0.1:${port}/${database}`;
    },
    open: (url, subscriptions) => openPostgresBroker({ url, subscriptions, onError() {} }),
    async restart() {
      await server.stop();
      server = await startPostgres({ ...cluster, durable: false, port });
    },
    async sendRaw(url, { channel, consumer }, body) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        "INSERT INTO pgboss.job (name, data, singleton_key, policy, heartbeat_seconds) SELECT name, $2, 'raw', policy, heartbeat_seconds FROM pgboss.queue WHERE name = $1",
        [queueName(channel, consumer), body],
      );
      await client.end();
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
