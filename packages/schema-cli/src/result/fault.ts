/** What a process of the CLI exits with. */
export const exitCodes = {
  passed: 0,
  findings: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The check could not be made. It is never taken for a pass. */
  unchecked: 3,
} as const;

/** The command line, the configuration or a file it names is wrong. `message` is fit to be printed as it is. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The check could not be made. `message` says why, `fix` what to do about it, both fit to be printed. */
export class UncheckedError extends Error {
  override name = "UncheckedError";
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}
