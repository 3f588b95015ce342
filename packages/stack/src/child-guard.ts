import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

// Loaded into each child before its own main module: a stack that is killed takes its children along, as the channel to
// it closes then.
process.once("disconnect", () => {
  // Who read the output is gone, too. pino (sonic-boom's `flushSync`) would retry what it cannot write for ever, and keep
  // the process from ending: a file that is opened gets the lowest number that is free.
  for (const output of [1, 2]) {
    closeSync(output);
    openSync(devNull, "w");
  }
  process.kill(process.pid, "SIGTERM");
});
process.channel?.unref();
