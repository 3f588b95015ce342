import { createHash } from "node:crypto";
import { StoreFaultError } from "@tributary/subgraph-kit";
import { Redis } from "ioredis";

/** What a script gives: text, numbers and lists of both; null where it gives false. */
export type Reply = string | number | null | readonly Reply[];

/** A connection to Redis, which is made again whenever it is lost. */
export interface RedisClient {
  /** Sends a command. @throws {StoreFaultError} where the server cannot be used now */
  call(command: string, ...args: (string | number)[]): Promise<Reply>;
  /** Runs a script without declared keys, which the server keeps by its hash. @throws {StoreFaultError} as above */
  run(script: string, ...args: (string | number)[]): Promise<Reply>;
  close(): void;
}

export interface RedisClientOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Called whenever there is a connection; what fails is told to `onError`. */
  readonly onReady: (client: RedisClient) => Promise<void>;
  /** Told of connections that break. */
  readonly onError: (error: Error) => void;
}

/** What a server replies that cannot serve now: it loads its data, is a replica, has no memory or disk, or is busy. */
const AWAY =
  /^(LOADING|READONLY|MASTERDOWN|MISCONF|OOM|BUSY|NOREPLICAS|CLUSTERDOWN|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Opens the connection, in the background. Commands wait for it for a few seconds. */
export function openRedis({ url, onReady, onError }: RedisClientOptions): RedisClient {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 3,
    commandTimeout: 10_000,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
  });
  redis.on("error", onError);
  redis.on("ready", () => void onReady(client).catch(onError));

  const call = async (command: string, args: readonly (string | number)[]): Promise<Reply> => {
    try {
      return (await redis.call(command, ...args)) as Reply;
    } catch (error) {
      throw faultOf(error as Error);
    }
  };
  const client: RedisClient = {
    call: (command, ...args) => call(command, args),
    async run(script, ...args) {
      const hash = createHash("sha1").update(script).digest("hex");
      try {
        return await call("EVALSHA", [hash, 0, ...args]);
      } catch (error) {
        // A server that restarted knows no scripts.
        if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
        return call("EVAL", [script, 0, ...args]);
      }
    },
    close: () => redis.disconnect(),
  };
  return client;
}

/** What the server replies to a command that is wrong is an error of ours; all else is a server that is away. */
function faultOf(error: Error): Error {
  if (error.name === "ReplyError" && !AWAY.test(error.message)) return error;
  return new StoreFaultError(`Redis cannot be used: ${error.message}`, { cause: error });
}
