import { BrokerError, type Broker, type Subscriptions } from "./broker.ts";
import { openNatsBroker } from "./nats/nats-broker.ts";
import { openPostgresBroker } from "./postgres/postgres-broker.ts";

export interface OpenBrokerOptions {
  /** Which consumers each channel has, of all contexts: none of them misses what is sent before it first starts. */
  readonly subscriptions: Subscriptions;
  /** Told of connections that break and statements that fail; the broker goes on. */
  readonly onError: (error: Error) => void;
}

/**
 * Opens the broker that a URL names: `postgresql://` for PostgreSQL, `nats://` for NATS JetStream. Connects in the
 * background, and again whenever the connection is lost.
 *
 * @throws BrokerError for a URL of another kind; it is not repeated, as it may hold a password
 */
export function openBroker(url: string, options: OpenBrokerOptions): Broker {
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1];
  if (scheme === "postgresql" || scheme === "postgres") return openPostgresBroker({ url, ...options });
  if (scheme === "nats" || scheme === "tls") return openNatsBroker({ url, ...options });
  throw new BrokerError(
    "the broker's URL is of no kind that is known: write postgresql://user:password@host:5432/database or nats://host:4222",
  );
}
