import { z } from "zod";
import { StackError } from "./error.ts";
import type { DataDirPaths } from "./data-dir.ts";
import { readJson } from "./private-file.ts";
import { runLockHolder } from "./run-lock.ts";

const urls = z.record(z.string(), z.string());

/** What a running stack says of itself in `stack.json`. It holds passwords: only the owner may read it. */
const StackState = z.object({
  pid: z.int(),
  gatewayUrl: z.string(),
  issuer: z.string(),
  audience: z.string(),
  /** Whether tokens of the issuer can be made here. */
  localIssuer: z.boolean(),
  subgraphs: urls,
  databases: urls,
  /** A customer with orders and payments; null where there was none when the stack started. */
  sampleCustomerId: z.string().nullable(),
});

export type StackState = z.infer<typeof StackState>;

/** @throws StackError where no stack runs with this folder, or it is still starting */
export function readStackState(paths: DataDirPaths): StackState {
  const state = runLockHolder(paths.lock) === undefined ? undefined : readJson(paths.state);
  if (state === undefined)
    throw new StackError("the stack is not running: start it in another terminal with npm start");
  return StackState.parse(state);
}
