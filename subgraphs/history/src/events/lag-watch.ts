import type { ConsumerLag } from "@tributary/messaging";
import type { Watermark } from "./watermark.ts";

const EVERY_MS = 1_000;

/**
 * Asks the broker each second how far the view is behind. While it does not answer the watermark stays where it is; that it
 * is away is told elsewhere.
 */
export function watchLag(
  lag: () => Promise<ConsumerLag[] | null>,
  watermark: Pick<Watermark, "observed">,
): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  async function look(): Promise<void> {
    const askedAt = Date.now();
    const figures = await lag().catch(() => null);
    if (stopped) return;
    if (figures) watermark.observed(figures, askedAt);
    timer = setTimeout(() => void look(), EVERY_MS);
  }
  void look();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
