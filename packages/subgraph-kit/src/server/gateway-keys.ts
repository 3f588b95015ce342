import { ConfigError } from "../config/parse-config.ts";
import { createKeySet, isKeysUrl, type KeySet } from "../identity/index.ts";
import type { Logger } from "./logger.ts";

/**
 * Opens the gateway's public keys. A file has to be there from the start; a URL may be one of a gateway that starts later.
 *
 * @throws ConfigError
 */
export async function openGatewayKeys(source: string, logger: Logger): Promise<KeySet> {
  const keys = createKeySet(source, {
    onTrouble(trouble) {
      if (trouble === null) logger.info("the gateway's keys can be read again");
      else logger.error({ err: trouble }, "the gateway's keys cannot be read");
    },
  });
  const trouble = isKeysUrl(source) ? null : await keys.load();
  if (trouble !== null) {
    keys.close();
    throw new ConfigError([`IDENTITY_JWKS: ${trouble.message}`]);
  }
  return keys;
}
