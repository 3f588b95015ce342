import type { RunningContestant } from "./contestants/start.ts";
import type { LoadAnswer, LoadCommand, LoadResult } from "./load/messages.ts";
import { ask, type StartedProcess } from "./processes.ts";
import type { Counts } from "./subgraphs/messages.ts";
import { readUsage } from "./usage.ts";
import type { Work } from "./works.ts";

/** One round of one contestant. */
export interface Sample extends LoadResult {
  readonly cpuMillisecondsPerRequest: number;
  readonly callsPerRequest: number;
  /** Fewest and most calls with one token: equal where no request shares calls, or makes them as timing has it. */
  readonly callsPerToken: readonly [least: number, most: number];
}

/** The processes around the contestants. */
export interface Surroundings {
  readonly load: StartedProcess;
  readonly subgraphs: StartedProcess;
}

/** Puts a load on a contestant, and reads what it took. @throws Error where an answer or a token is wrong */
export async function measureRound(
  { load, subgraphs }: Surroundings,
  { child, url }: Pick<RunningContestant, "child" | "url">,
  command: Omit<LoadCommand, "url" | "query" | "ownToken"> & { readonly work: Work },
): Promise<Sample> {
  const { work, ...rest } = command;
  const pid = child.pid ?? 0;
  await ask(subgraphs, "reset");
  const before = readUsage(pid);
  const result = await putLoad(load, { ...rest, url, query: work.query, ownToken: work.ownToken });
  const after = readUsage(pid);
  const counts = await ask<Counts>(subgraphs, "counts");
  checkTokens(counts, result.requests, work);
  return {
    ...result,
    cpuMillisecondsPerRequest: (after.cpuMilliseconds - before.cpuMilliseconds) / result.requests,
    callsPerRequest: counts.calls / result.requests,
    callsPerToken: [counts.least, counts.most],
  };
}

/** Puts a load on a server. @throws Error where an answer is wrong */
export async function putLoad(load: StartedProcess, command: LoadCommand): Promise<LoadResult> {
  const answer = await ask<LoadAnswer>(load, command);
  if ("error" in answer) throw new Error(answer.error);
  return answer;
}

/** Every request's token has come to the subgraphs; or one token has, where all requests have the same. */
function checkTokens({ tokens }: Counts, requests: number, { ownToken }: Work): void {
  const expected = ownToken ? requests : 1;
  if (tokens !== expected)
    throw new Error(`${tokens} tokens came to the subgraphs, of ${requests} requests with ${expected}`);
}
