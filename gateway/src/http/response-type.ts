import { codedError } from "@tributary/subgraph-kit/errors";
import type { BaseContext } from "@apollo/server";
import Negotiator from "negotiator";
import { type FrontPlugin, nothing } from "./front-plugin.ts";

/** The media types that Apollo Server answers one operation in. */
const mediaTypes = [
  "application/json; charset=utf-8",
  "application/graphql-response+json; charset=utf-8",
  "application/json; callbackSpec=1.0; charset=utf-8",
];

/**
 * Makes the plugin that refuses an operation whose response the client's `accept` does not take (RFC 9110, section
 * 12.5.1): Apollo Server finds out when the operation has run, which is too late for a mutation. The fast path serves
 * only values of `accept` that were answered before.
 */
export function createResponseTypeCheck(): FrontPlugin<BaseContext> {
  return {
    plugin: {
      async requestDidStart() {
        return {
          async didResolveOperation({ request }) {
            const accept = request.http?.headers.get("accept");
            if (accept === undefined || accept === "" || isAcceptable(accept)) return;
            throw codedError("BAD_REQUEST", `No response is of a type that "accept" takes.`, {
              httpStatus: 406,
            });
          },
        };
      },
    },
    onShortAnswer: nothing,
  };
}

function isAcceptable(accept: string): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(mediaTypes) !== undefined;
}
