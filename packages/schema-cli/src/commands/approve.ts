import { printApproval } from "../approvals/approval-file.ts";
import { dayOf, isDay } from "../approvals/day.ts";
import { UsageError } from "../result/fault.ts";
import type { Result } from "../result/finding.ts";
import { resultVersion } from "../result/finding.ts";
import { type CheckOptions, runCheck } from "./check.ts";
import type { Files } from "./files.ts";
import { readConfig } from "./read-config.ts";
import type { CheckBase } from "./resolve-base.ts";

export interface ApproveOptions {
  config: string;
  baseConfig?: string;
  /** As `schema check` prints it. */
  changeId: string;
  reason: string;
  /** The last day on which the approval counts, `YYYY-MM-DD` in UTC. */
  expires: string;
  now: Date;
  onProgress?: CheckOptions["onProgress"];
}

/**
 * Writes an approval of one change that the check finds now.
 *
 * @throws {UsageError} where there is no such change, or the approval would not count
 */
export async function runApprove(files: Files, base: CheckBase, options: ApproveOptions): Promise<Result> {
  const { changeId, expires, config, now } = options;
  const today = dayOf(now);
  const reason = options.reason.trim();
  if (reason === "") throw new UsageError("--reason is empty.");
  if (!isDay(expires)) throw new UsageError(`--expires ${expires} is not a day, such as ${today}.`);
  if (expires < today) throw new UsageError(`--expires ${expires} is past.`);
  const folder = (await readConfig(files, config)).approvals;
  if (folder === undefined) throw new UsageError(`${config} names no folder of approvals (\`approvals\`).`);
  const { findings } = await runCheck(files, base, {
    config,
    failOn: "dangerous",
    today,
    ...(options.baseConfig === undefined ? {} : { baseConfig: options.baseConfig }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const open = findings.filter(({ severity }) => severity === "error");
  const finding = open.find((each) => each.changeId === changeId);
  if (finding === undefined) {
    const ids = open.flatMap(({ changeId: id, code, coordinate = "" }) =>
      id === undefined ? [] : [`${id} ${code} ${coordinate}`.trimEnd()],
    );
    const there =
      ids.length === 0 ? "There is none that needs an approval." : `There are:\n  ${ids.join("\n  ")}`;
    throw new UsageError(`There is no change ${changeId} to approve. ${there}`);
  }
  const { code, coordinate = null, before = null, after = null } = finding;
  const file = `${folder}/${changeId}.yaml`;
  await files.write(file, printApproval({ code, coordinate, before, after, reason, expires }));
  return { version: resultVersion, command: "approve", findings: [], done: [`wrote ${file}`] };
}
