import type { HeapProfiler, Profiler } from "node:inspector";
import { expect, test } from "vitest";
import { survivorsByFunction, timeByFunction, timeByRoom } from "./rooms.ts";

interface Frame {
  readonly name: string;
  readonly url?: string;
  readonly scriptId?: string;
  readonly children?: readonly number[];
}

/** A profile of frames whose ids are their places, from 1 on, each sampled once for 100 microseconds. */
function profileOf(frames: readonly Frame[]): Profiler.Profile {
  return {
    startTime: 0,
    endTime: 0,
    nodes: frames.map(({ name, url = "", scriptId = "0", children = [] }, index) => ({
      id: index + 1,
      callFrame: { functionName: name, url, scriptId, lineNumber: 9, columnNumber: 0 },
      children: [...children],
    })),
    samples: frames.map((_, index) => index + 1),
    timeDeltas: [0, ...frames.map(() => 100)],
  };
}

test("code belongs to its package, or to its room of ours", () => {
  const rooms = timeByRoom(
    profileOf([
      { name: "a", url: "file:///x/node_modules/undici/lib/client.js" },
      { name: "b", url: "file:///x/node_modules/@apollo/server/dist/esm/runHttpQuery.js" },
      { name: "c", url: "file:///x/packages/executor/src/run/merge.ts" },
      { name: "d", url: "file:///x/gateway/src/http/server.ts" },
      { name: "e", url: "node:_http_server" },
      { name: "f", url: "node:internal/stream_base_commons" },
      { name: "g", url: "file:///x/tests/gateway/contestants/apollo.process.ts" },
    ]),
  );
  expect(Object.fromEntries(rooms)).toEqual({
    undici: 100,
    "@apollo/server": 100,
    "executor, run": 100,
    "gateway, http": 100,
    "node:http": 100,
    "node's sockets, streams, timers, buffers": 100,
    "the benchmark's own front": 100,
  });
});

test("what V8 brings belongs to whoever calls it; writes and generated code are rooms of their own", () => {
  const rooms = timeByRoom(
    profileOf([
      { name: "read", url: "file:///x/packages/executor/src/run/read.ts", children: [2, 3, 4] },
      { name: "parse" },
      { name: "writev" },
      { name: "write", scriptId: "77", children: [5] },
      { name: "slice" },
    ]),
  );
  expect(Object.fromEntries(rooms)).toEqual({
    "executor, run": 200,
    "system calls that write to sockets": 100,
    "executor, generated code": 200,
  });
});

test("idle time is not counted, the collector and the loop are", () => {
  const frames = [{ name: "(idle)" }, { name: "(garbage collector)" }, { name: "(program)" }];
  expect(Object.fromEntries(timeByRoom(profileOf(frames)))).toEqual({
    "garbage collection": 100,
    "the event loop, outside of JavaScript": 100,
  });
});

test("a function that is named as a member of every object is found in its room", () => {
  const frames = [{ name: "constructor", url: "file:///x/node_modules/undici/lib/request.js" }];
  expect([...timeByRoom(profileOf(frames)).keys()]).toEqual(["undici"]);
});

test("functions are told with the end of their path and their line", () => {
  const frames = [
    { name: "send", url: "file:///x/node_modules/undici/lib/core/request.js" },
    { name: "writev" },
  ];
  expect([...timeByFunction(profileOf(frames)).keys()]).toEqual(["send lib/core/request.js:10", "writev"]);
});

test("what outlives the young generation is told with the nearest code that is in a file", () => {
  const node = (
    name: string,
    url: string,
    selfSize: number,
    children: HeapProfiler.SamplingHeapProfileNode[],
  ) => ({
    callFrame: { functionName: name, url, scriptId: "0", lineNumber: 0, columnNumber: 0 },
    selfSize,
    id: 0,
    children,
  });
  const buffer = node("allocate", "node:buffer", 40, []);
  const send = node("send", "file:///x/src/http/send.ts", 10, [node("concat", "node:buffer", 2, [buffer])]);
  const head = node("(root)", "", 0, [send, node("tick", "node:timers", 5, [])]);
  expect(Object.fromEntries(survivorsByFunction({ head }))).toEqual({
    "send src/http/send.ts:1": 10,
    "concat node:buffer:1 < send src/http/send.ts:1": 2,
    "allocate node:buffer:1 < send src/http/send.ts:1": 40,
    "tick node:timers:1 < nobody": 5,
  });
});
