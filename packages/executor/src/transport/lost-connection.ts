/** How the end of a connection is told: by undici, and by the system. */
const CODES = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** Whether a failure is that the connection ended, rather than that the subgraph was slow, wrong or not there. */
export function isLostConnection(error: unknown): boolean {
  return CODES.has((error as NodeJS.ErrnoException | null)?.code ?? "");
}
