import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { mergeEntities } from "./merge-entities.ts";

const step = { shareable: true, reuseKey: null, rewriteOutput: null, interfaceObjects: null };

function mergeInto(targets: JsonObject[], received: JsonObject): void {
  mergeEntities(step, { shared: null, missing: null }, { group: { text: "", targets }, received });
}

test("entities that are the same get the same object", () => {
  const targets: JsonObject[] = [{ id: 1 }, { id: 1 }];
  mergeInto(targets, { box: { one: 1 } });
  expect(targets).toEqual([
    { id: 1, box: { one: 1 } },
    { id: 1, box: { one: 1 } },
  ]);
  expect(targets[0]?.box).toBe(targets[1]?.box);
});

test("two entities that are told by one key get nothing of each other's", () => {
  const targets: JsonObject[] = [
    { id: 1, no: 1 },
    { id: 1, no: 2 },
    { id: 1, no: 1 },
  ];
  mergeInto(targets, { box: { one: 1 } });
  expect(targets[0]?.box).toBe(targets[2]?.box);
  const [first, second] = targets.map(({ box }) => box as JsonObject);
  if (first !== undefined) first.two = 1;
  expect(second).toEqual({ one: 1 });
});

test("very many that are told by one key have an object each", () => {
  const targets: JsonObject[] = Array.from({ length: 100 }, (_, no) => ({ id: 1, no }));
  mergeInto(targets, { box: { one: 1 } });
  expect(new Set(targets.map(({ box }) => box)).size).toBe(100);
});
