/**
 * Generates what a subgraph's compiler reads: `node scripts/generate-subgraph.ts <context>`.
 *
 * - prisma/<context>/schema.prisma     -> subgraphs/<context>/src/generated/prisma/
 * - subgraphs/<context>/schema.graphql -> subgraphs/<context>/src/generated/resolvers.ts
 *
 * Works offline. Quiet unless something fails; exits with 1 then.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { generate } from "@graphql-codegen/cli";
import { resolverTypes } from "./resolver-types.ts";

const root = path.dirname(import.meta.dirname);

/** Runs `prisma generate`; throws all that it said if it fails. */
async function generateClient(context: string): Promise<void> {
  const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js");
  const child = spawn(process.execPath, [prisma, "generate", "--no-hints"], {
    cwd: path.join(root, "prisma", context),
    env: {
      ...process.env,
      // `generate` never starts the schema engine, but downloads it unless told of a file that is there.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  const [output, faults, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`prisma generate failed:\n${output}${faults}`);
}

/** Runs GraphQL Code Generator with the mappers that the subgraph's codegen.ts exports. */
async function generateResolverTypes(context: string): Promise<void> {
  const folder = path.join(root, "subgraphs", context);
  const { mappers } = (await import(pathToFileURL(path.join(folder, "codegen.ts")).href)) as {
    mappers: Record<string, string>;
  };
  await generate(resolverTypes(folder, mappers));
}

const context = process.argv[2];
if (context === undefined || !existsSync(path.join(root, "subgraphs", context, "schema.graphql"))) {
  console.error("usage: node scripts/generate-subgraph.ts <context>, the name of a folder in subgraphs/");
  process.exit(2);
}
for (const step of await Promise.allSettled([generateClient(context), generateResolverTypes(context)])) {
  if (step.status === "fulfilled") continue;
  const reason: unknown = step.reason;
  console.error(`${context}: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = 1;
}
