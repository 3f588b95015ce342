import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/**
 * Makes a logger that writes a JSON object a line to standard output.
 *
 * @param name who logs, the subgraph's name
 * @param level the least level that is written
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    // Tokens and passwords never reach a log, whichever object they hang on.
    redact: {
      paths: [
        "authorization",
        "headers.authorization",
        "req.headers.authorization",
        "*.password",
        "password",
      ],
      censor: "[redacted]",
    },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
