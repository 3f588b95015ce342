// Loaded into each child before its own main module: a stack that is killed takes its children along, as the channel to
// it closes then.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
