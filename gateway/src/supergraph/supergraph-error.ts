/** A supergraph cannot be served. The message says why, for whoever runs the gateway; it never reaches a client. */
export class SupergraphError extends Error {
  override readonly name = "SupergraphError";
}
