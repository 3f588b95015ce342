import { createKeySet, isKeysUrl, type KeySet, type KeysError } from "@tributary/subgraph-kit/identity";

export interface IssuerKeysOptions {
  /** A URL, or the path of a file. */
  readonly source: string;
  /** Keys that another process of this gateway has read; null where there are none. */
  readonly known: ReturnType<KeySet["current"]>;
  /** Told why they cannot be read when that begins, and whether others are kept; with null when it is over. */
  readonly onTrouble: (trouble: KeysError | null, kept: boolean) => void;
}

/**
 * Opens the keys that clients' tokens are checked with, once they were tried to be read. A URL that cannot be reached is
 * tried again until it can; until then `current()` is null, and the gateway is not ready.
 *
 * @throws KeysError where they are in a file that holds none
 */
export async function openIssuerKeys({ source, known, onTrouble }: IssuerKeysOptions): Promise<KeySet> {
  const keys = createKeySet(source, {
    known,
    onTrouble: (trouble) => onTrouble(trouble, keys.current() !== null),
  });
  const trouble = await keys.load();
  if (trouble === null || isKeysUrl(source) || known !== null) return keys;
  keys.close();
  throw trouble;
}
