import type { Reporter, TestModule } from "vitest/node";

const MINUTE = 60_000;

/**
 * Makes a Vitest reporter that names each test file that has been running for some time, once a minute: a file that
 * hangs in a loop reaches no time-out of its own, and whoever ends the run learns which one it was.
 *
 * @param after how long a file may run without being named, in milliseconds
 */
export function stillRunning(after = 5 * MINUTE): Reporter {
  const started = new Map<TestModule, number>();
  let timer: NodeJS.Timeout | undefined;
  const report = (): void => {
    for (const [module, at] of started) {
      const minutes = Math.floor((Date.now() - at) / MINUTE);
      if (minutes * MINUTE >= after) {
        console.log(`${module.relativeModuleId} has been running for ${minutes} minutes.`);
      }
    }
  };
  return {
    onTestRunStart: () => {
      timer = setInterval(report, MINUTE).unref();
    },
    onTestModuleStart: (module) => {
      started.set(module, Date.now());
    },
    onTestModuleEnd: (module) => {
      started.delete(module);
    },
    onTestRunEnd: () => {
      clearInterval(timer);
    },
  };
}
