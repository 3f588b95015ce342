import type { HeapProfiler, Profiler } from "node:inspector";

/** Self time of a profile in microseconds, or what it kept in bytes, by what the code belongs to. */
export type Sums = ReadonlyMap<string, number>;

type Node = Profiler.ProfileNode;

const META: ReadonlyMap<string, string> = new Map([
  ["(garbage collector)", "garbage collection"],
  ["(program)", "the event loop, outside of JavaScript"],
]);

/** Native functions that are system calls for the most part. */
const WRITES = /^(writev|write(Buffer|Latin1String|Utf8String|AsciiString)|shutdown)$/;

/** Self time of each function by room; idle time is left out. */
export function timeByRoom(profile: Profiler.Profile): Sums {
  return sumBy(profile, (node, parentOf) => roomOf(node, parentOf));
}

/** Self time by function with its place: `name file:line`. */
export function timeByFunction(profile: Profiler.Profile): Sums {
  return sumBy(profile, ({ callFrame }) => placeOf(callFrame));
}

/** Bytes that outlived the young generation, by the function that made them and the one that called it. */
export function survivorsByFunction({ head }: HeapProfiler.SamplingHeapProfile): Sums {
  const sums = new Map<string, number>();
  const walk = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode, caller: string) => {
    const name = placeOf(callFrame);
    const key = callFrame.url.startsWith("file:") ? name : `${name} < ${caller}`;
    if (selfSize > 0) sums.set(key, (sums.get(key) ?? 0) + selfSize);
    // What a package or Node makes is told with the code of ours that asked for it.
    for (const child of children) walk(child, callFrame.url.startsWith("file:") ? name : caller);
  };
  walk(head, "nobody");
  return sums;
}

function placeOf({ functionName, url, lineNumber }: Profiler.ProfileNode["callFrame"]): string {
  const place = url === "" ? "" : ` ${url.replace(/^.*\/(?=[^/]+\/[^/]+\/[^/]+$)/, "")}:${lineNumber + 1}`;
  return `${functionName || "(anonymous)"}${place}`;
}

function sumBy(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  nameOf: (node: Node, parentOf: (node: Node) => Node | undefined) => string,
): Sums {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  const names = new Map<number, string>();
  const sums = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    // A sample stands for the time up to the next one.
    const time = timeDeltas[index + 1] ?? 0;
    if (node === undefined || node.callFrame.functionName === "(idle)") continue;
    let name = names.get(id);
    if (name === undefined) names.set(id, (name = nameOf(node, (each) => parents.get(each.id))));
    sums.set(name, (sums.get(name) ?? 0) + time);
  }
  return sums;
}

function roomOf(node: Node, parentOf: (node: Node) => Node | undefined): string {
  const { functionName, url, scriptId } = node.callFrame;
  const meta = META.get(functionName);
  if (meta !== undefined) return meta;
  if (url !== "") return roomOfUrl(url);
  if (WRITES.test(functionName)) return "system calls that write to sockets";
  // What V8 brings has script 0; what has no place and another number was made at run time.
  if (scriptId !== "0") return "executor, generated code";
  const parent = parentOf(node);
  return parent === undefined ? "other" : roomOf(parent, parentOf);
}

function roomOfUrl(url: string): string {
  if (/^node:(internal\/)?_?http/.test(url)) return "node:http";
  if (/^node:.*(net|stream|timers|buffer)/.test(url)) return "node's sockets, streams, timers, buffers";
  if (url.startsWith("node:")) return "node, other";
  const dependency = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (dependency !== undefined) return dependency;
  const own = /\/(?:packages\/(executor)|(gateway))\/src\/([^/]+)/.exec(url);
  if (own !== null) return `${own[1] ?? own[2]}, ${own[3]?.replace(/\.ts$/, "")}`;
  return /\/tests\//.test(url) ? "the benchmark's own front" : url;
}
