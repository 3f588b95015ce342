import { expect, test } from "vitest";
import { takeAnswerMemory } from "./answer-memory.ts";
import { startHttpFixture } from "./subgraph-http.fixture.ts";
import { call, cleanUp, TRANSPORTS } from "./transports.fixture.ts";

test("no memory is of two answers at a time, whatever their lengths and the order in which they are released", () => {
  let seed = Number(process.env.TEST_SEED);
  const random = (bound: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % bound;
  };
  const held: { readonly memory: ReturnType<typeof takeAnswerMemory>; readonly mark: number }[] = [];
  for (let round = 0; round < 20_000; round++) {
    if (held.length < 200 && random(2) === 0) {
      const memory = takeAnswerMemory(1 + random(random(8) === 0 ? 200_000 : 4_000));
      memory.bytes.fill(round % 251);
      held.push({ memory, mark: round % 251 });
    } else if (held.length > 0) {
      const [{ memory, mark }] = held.splice(random(held.length), 1) as [(typeof held)[number]];
      expect(memory.bytes.every((byte) => byte === mark)).toBe(true);
      memory.release();
    }
  }
});

test("memory that was released is used again", () => {
  const buffers = new Set<ArrayBufferLike>();
  for (let round = 0; round < 1_000; round++) {
    const all = Array.from({ length: 100 }, () => takeAnswerMemory(10_000));
    for (const memory of all) {
      buffers.add(memory.bytes.buffer);
      memory.release();
    }
  }
  // A million bytes at a time, in slabs of a quarter of a mebibyte.
  expect(buffers.size).toBeLessThan(10);
});

const http1 = TRANSPORTS.filter(({ name }) => name === "http1");

test.each(http1)("an answer is readable until all who have it released it, by $name", async ({ create }) => {
  const fixture = await startHttpFixture((response) => response.end('{"data":{"a":1}}'));
  cleanUp(fixture.stop);
  const transport = create();
  cleanUp(transport.close);
  const response = await transport.send(call(fixture.url));
  response.retain?.(1);
  response.release?.();
  expect(response.bytes?.toString()).toBe('{"data":{"a":1}}');
  response.release?.();
  expect(response.bytes).toHaveLength(0);
  // It may be released too often, but not twice.
  response.release?.();
  const others = [takeAnswerMemory(16), takeAnswerMemory(16)];
  others[0]?.bytes.fill(1);
  others[1]?.bytes.fill(2);
  expect(others[0]?.bytes.every((byte) => byte === 1)).toBe(true);
});

test.each(http1)("an answer's text that was read stays, by $name", async ({ create }) => {
  const fixture = await startHttpFixture((response) => response.end("read"));
  cleanUp(fixture.stop);
  const transport = create();
  cleanUp(transport.close);
  const response = await transport.send(call(fixture.url));
  expect(response.body).toBe("read");
  response.release?.();
  takeAnswerMemory(4).bytes.fill("?");
  expect(response.body).toBe("read");
});
