import { createHash } from "node:crypto";
import type { Finding } from "./finding.ts";

/** What an approval is for: this change and no other. */
export type Change = Required<Pick<Finding, "code" | "before" | "after">> & { coordinate: string | null };

/** Names a change: 12 hexadecimal digits, the same wherever code, coordinate, before and after are the same. */
export function changeIdOf({ code, coordinate, before, after }: Change): string {
  return createHash("sha256")
    .update(JSON.stringify([code, coordinate, before, after]))
    .digest("hex")
    .slice(0, 12);
}
