import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Where the explorer's bundle is: `npm run generate` makes it. */
const bundle = fileURLToPath(new URL("../../dist/explorer/", import.meta.url));

/** Monaco, the editor in it, writes its styles into the page; scripts and connections stay with the gateway. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const missing = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Explorer</title>
<body style="font: 16px/1.5 system-ui; max-width: 40rem; margin: 15vh auto; padding: 0 1rem">
<h1>The explorer is not built yet</h1>
<p>Run <code>npm run generate -w gateway</code> in the project's folder, then load this page again.</p>
`;

export interface ExplorerOptions {
  /** Where operations are sent. */
  readonly endpoint: string;
  /** The operation that the explorer opens with; null for a greeting. */
  readonly defaultQuery: string | null;
}

/** Adds `/explorer`: GraphiQL, bundled, which needs nothing from the internet. */
export async function addExplorer(app: FastifyInstance, options: ExplorerOptions): Promise<void> {
  const { endpoint, defaultQuery } = options;
  await app.register(
    async (explorer) => {
      explorer.addHook("onSend", async (_request, reply) => {
        reply.header("content-security-policy", contentSecurityPolicy);
      });
      explorer.get("/settings.json", () => ({ endpoint, defaultQuery }));
      if (!existsSync(bundle)) {
        explorer.get("/*", (_request, reply) =>
          reply.code(503).type("text/html; charset=utf-8").header("cache-control", "no-store").send(missing),
        );
        return;
      }
      await explorer.register(fastifyStatic, {
        root: bundle,
        // Names under assets/ hold a hash of what is inside.
        setHeaders: (response, path) => {
          const unchanging = path.includes("/assets/");
          response.header("cache-control", unchanging ? "public, max-age=31536000, immutable" : "no-cache");
        },
      });
    },
    { prefix: "/explorer" },
  );
  app.get("/explorer", (_request, reply) => reply.redirect("/explorer/"));
}
