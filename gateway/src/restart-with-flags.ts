/**
 * Puts this program in the place of itself, started with flags of Node's that can only be given at the start: the same
 * process, with the same number, arguments and outputs. Flags that are given already stay as they are.
 *
 * Nothing is done on Windows, which has no such thing, nor where another process talks to this one over a channel, which
 * would not outlive it: whoever makes a channel starts Node with the flags.
 *
 * @param flags each as `--name=value`
 */
export function restartWithFlags(flags: readonly string[], environment: NodeJS.ProcessEnv): void {
  const { execArgv, execPath, argv, platform } = process;
  const options = environment["NODE_OPTIONS"]?.split(" ") ?? [];
  const given = new Set([...execArgv, ...options].map(nameOf));
  const missing = flags.filter((flag) => !given.has(nameOf(flag)));
  if (missing.length === 0 || platform === "win32" || process.send !== undefined) return;
  process.execve?.(execPath, [execPath, ...missing, ...execArgv, ...argv.slice(1)], environment);
}

/** Node takes underscores for dashes. */
function nameOf(flag: string): string {
  return (flag.split("=")[0] ?? flag).replaceAll("_", "-");
}
