import { BrokerError } from "../broker.ts";

/** What the URL of a NATS broker says. */
export interface NatsServers {
  /** `host:4222`; the client takes whichever answers. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly tls: boolean;
  /** How many servers keep each message. */
  readonly replicas: number;
}

/**
 * Reads `nats://user:password@host:4222,other:4222?replicas=3`; `tls://` asks for TLS.
 *
 * @throws BrokerError; its message does not repeat the URL, which may hold a password
 */
export function parseNatsUrl(url: string): NatsServers {
  const [, scheme, credentials, hosts, query] =
    /^(nats|tls):\/\/(?:([^@/?]*)@)?([^/?]+)\/?(?:\?(.*))?$/.exec(url) ?? [];
  if (!scheme || !hosts) throw fault("is not one");
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys())
    if (name !== "replicas") throw fault(`has an unknown parameter ${name}`);
  const replicas = parameters.get("replicas") ?? "1";
  if (!/^[135]$/.test(replicas)) throw fault("asks for a number of replicas other than 1, 3 or 5");
  const [user, pass] = credentials?.split(":").map(decodeURIComponent) ?? [];
  return {
    servers: hosts.split(","),
    ...(user && { user }),
    ...(pass && { pass }),
    tls: scheme === "tls",
    replicas: Number(replicas),
  };
}

function fault(what: string): BrokerError {
  return new BrokerError(
    `the broker's NATS URL ${what}: write nats://user:password@host:4222,other:4222?replicas=3`,
  );
}
