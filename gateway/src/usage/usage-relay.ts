import type { UsageFile } from "./usage-file.ts";
import type { Usage } from "./usage-format.ts";
import { createUsageRecord } from "./usage-record.ts";

/** What was counted in one process, for the one that writes the file. */
export type UsagePart = Omit<Usage, "format" | "version">;

/**
 * Counts operations, and hands on what was counted every 10 seconds in which there were any, and at the end.
 *
 * @param send hands on what came since the last time
 */
export function createUsageRelay(
  send: (part: UsagePart) => void,
  interval = 10_000,
): Pick<UsageFile, "count" | "stop"> {
  let record = createUsageRecord(null);
  const flush = () => {
    if (record.requests === 0) return;
    send(record.read());
    record = createUsageRecord(null);
  };
  const timer = setInterval(flush, interval).unref();
  return {
    count: (...about) => record.count(...about),
    async stop() {
      clearInterval(timer);
      flush();
    },
  };
}
