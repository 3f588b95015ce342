import { type DestinationStream, type Logger, pino } from "pino";

/** The gateway's log: one JSON object a line, on standard output. */
export type GatewayLogger = Logger;

/**
 * @param level of pino: trace, debug, info, warn, error, fatal or silent
 * @param destination where lines go. @default standard output
 */
export function createLogger(level: string, destination?: DestinationStream): GatewayLogger {
  const options = {
    name: "gateway",
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Nothing here logs headers; should anything ever, tokens stay out.
    redact: {
      paths: ["authorization", "headers.authorization", "req.headers.authorization"],
      censor: "[redacted]",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
