import { expect, test } from "vitest";
import { OriginCache } from "./origin-cache.ts";
import { startHttpFixture } from "./subgraph-http.fixture.ts";
import { call, cleanUp, TRANSPORTS } from "./transports.fixture.ts";

test("keeps no more origins than a thousand, however many it is asked for, and closes the others", async () => {
  const open = new Set<string>();
  const cache = new OriginCache(
    ({ origin }) => {
      open.add(origin);
      return { close: async () => void open.delete(origin) };
    },
    ({ href }, pool) => ({ href, pool }),
  );
  const first = cache.targetOf("http://10.0.0.1:1/a");
  for (let port = 1; port <= 1_500; port++) cache.targetOf(`http://10.0.0.1:${port}/a`);
  await expect.poll(() => open.size).toBe(1_000);
  // No target of a pool that was closed is given again.
  expect(cache.targetOf("http://10.0.0.1:1/a").pool).not.toBe(first.pool);
  await cache.close();
  expect(open.size).toBe(0);
});

test.each(TRANSPORTS)(
  "$name keeps its connections, however many URLs of its origin it is sent to",
  async ({ create }) => {
    const transport = create();
    cleanUp(transport.close);
    const fixture = await startHttpFixture((response, body) => response.end(body));
    cleanUp(fixture.stop);
    for (let count = 0; count < 2_100; count++)
      expect((await transport.send(call(`${fixture.url}/${count}`, { body: String(count) }))).body).toBe(
        String(count),
      );
    // Undici takes another one where the first is not told to be free yet.
    expect(fixture.connections.length).toBeLessThanOrEqual(2);
  },
);
