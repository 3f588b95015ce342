import { readFile } from "node:fs/promises";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";

/** Where public keys are: a JWKS, the URL of one (http or https), or the path of a file that holds one. */
export type KeySource = JSONWebKeySet | string;

/** Keys cannot be read, or one of them cannot be used. The message names the source, and is fit for a log. */
export class KeysError extends Error {
  override readonly name = "KeysError";
}

export interface KeySetOptions {
  /** Keys that another process read from the same source; used until they are read here. @default none */
  readonly known?: JSONWebKeySet | null;
  /** Told why keys cannot be read when that begins, and null when it is over. */
  readonly onTrouble?: (trouble: KeysError | null) => void;
}

/** Public keys, from wherever they are published. */
export interface KeySet {
  /** Finds the key that a token names; throws KeysError where it may be one that cannot be read now. */
  readonly find: JWTVerifyGetKey;
  /** The keys as they were read last; null before the first time. */
  current(): JSONWebKeySet | null;
  /**
   * Reads the keys now, and from then on every five minutes; after a failure every five seconds.
   *
   * @returns why they cannot be read; null where they were
   */
  load(): Promise<KeysError | null>;
  /** Ends the reading. */
  close(): void;
}

/** How often keys are read again, so that one that was withdrawn stops working. */
const refreshMilliseconds = 5 * 60_000;
/** How soon they are read again after a failure, and at most for tokens that name a key which is not among them. */
const retryMilliseconds = 5_000;

/** Whether keys are at a URL, rather than in a file. */
export function isKeysUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/**
 * Makes a set of public keys (JWKS, RFC 7517). Keys that were read are kept while they cannot be read again, for however
 * long that takes: an outage of the issuer locks nobody out whose key is known.
 */
export function createKeySet(source: KeySource, options: KeySetOptions = {}): KeySet {
  const read = readerOf(source);
  let keys: JSONWebKeySet | null = options.known ?? null;
  let findLocally: JWTVerifyGetKey | null = keys === null ? null : createLocalJWKSet(keys);
  /** What went wrong when keys were last read; null where nothing did. */
  let trouble: KeysError | null = null;
  let triedAt = -Infinity;
  let loading: Promise<KeysError | null> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const tell = (next: KeysError | null) => {
    const isNews = (trouble === null) !== (next === null);
    trouble = next;
    if (isNews) options.onTrouble?.(next);
  };
  const loadAnew = async (): Promise<KeysError | null> => {
    clearTimeout(timer);
    try {
      const next = await read();
      // A set that was emptied withdraws all keys; one that is empty from the start is a mistake.
      if (findLocally === null && next.keys.length === 0)
        throw new KeysError(`${nameOf(source)} holds no keys.`);
      findLocally = createLocalJWKSet(next);
      keys = next;
      tell(null);
    } catch (error) {
      tell(
        error instanceof KeysError
          ? error
          : new KeysError(`${nameOf(source)} cannot be read.`, { cause: error }),
      );
    }
    triedAt = performance.now();
    loading = null;
    if (!isClosed && typeof source === "string")
      timer = setTimeout(
        () => void load(),
        trouble === null ? refreshMilliseconds : retryMilliseconds,
      ).unref();
    return trouble;
  };
  const load = () => (loading ??= loadAnew());
  const loadUnlessJustDone = async () => {
    if (loading !== null || performance.now() - triedAt >= retryMilliseconds) await load();
  };

  const find: JWTVerifyGetKey = async (header, token) => {
    if (findLocally === null) await loadUnlessJustDone();
    try {
      if (findLocally !== null) return await findLocally(header, token);
    } catch (error) {
      if (!(error instanceof errors.JOSEError))
        throw new KeysError(`A key of ${nameOf(source)} cannot be used.`, { cause: error });
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await loadUnlessJustDone();
    }
    // It may be among the keys that cannot be read.
    if (trouble !== null) throw trouble;
    return findLocally!(header, token);
  };

  return {
    find,
    load,
    current: () => keys,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** Makes what reads keys; it rejects with KeysError. */
function readerOf(source: KeySource): () => Promise<JSONWebKeySet> {
  if (typeof source !== "string") return async () => source;
  return isKeysUrl(source) ? urlReader(new URL(source)) : fileReader(source);
}

function urlReader(url: URL): () => Promise<JSONWebKeySet> {
  const remote = createRemoteJWKSet(url);
  return async () => {
    try {
      await remote.reload();
    } catch (error) {
      throw new KeysError(`${nameOf(url.href)} cannot be read: ${causeOf(error)}`, { cause: error });
    }
    return remote.jwks() as JSONWebKeySet;
  };
}

function fileReader(path: string): () => Promise<JSONWebKeySet> {
  const file = path.startsWith("file://") ? new URL(path) : path;
  return async () => {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      throw new KeysError(`${path} cannot be read: ${causeOf(error)}`, { cause: error });
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw new KeysError(`${path} is not JSON.`, { cause: error });
    }
    if (!isKeySet(parsed))
      throw new KeysError(
        `${path} is no JSON Web Key Set: an object with "keys", a list of keys (RFC 7517).`,
      );
    return parsed;
  };
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  if (!isObject(value) || !("keys" in value)) return false;
  return Array.isArray(value.keys) && value.keys.every(isObject);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A source as it may be in a log: without user, password and query. */
function nameOf(source: KeySource): string {
  if (typeof source !== "string") return "The key set";
  if (!isKeysUrl(source)) return source;
  const { origin, pathname } = new URL(source);
  return origin + pathname;
}

/** The innermost reason, as `fetch` wraps those of the network. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return causeOf(error.cause);
  const { code, message } = error as NodeJS.ErrnoException;
  return message === "" ? (code ?? error.name) : message;
}
