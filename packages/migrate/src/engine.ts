import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm";
import { adapterFactory } from "./adapter.ts";
import type { ContextFolder } from "./folder.ts";
import type { Session } from "./session.ts";

type EngineModule = typeof import("@prisma/schema-engine-wasm");

/** The part of the WebAssembly API that is used: its types come with a browser's, which are not wanted here. */
interface WasmApi {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, unknown> & { __wbindgen_start(): void } } }>;
}

/** Nothing in a database is left out of what the engine looks at. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Where the engine puts its last words; without it, they are a fault of their own. */
const panicRegistry = {
  set_message: (message: string) => void (panicRegistry.message = message),
  message: "",
};

/** What the engine said when it panicked, or "". A panic surfaces as an uncaught exception. */
export function enginePanic(): string {
  return panicRegistry.message;
}

let loaded: Promise<EngineModule> | undefined;

/** Prisma's schema engine as WebAssembly: the module's own loader wants a bundler, so this is done by hand, once. */
function loadEngine(): Promise<EngineModule> {
  return (loaded ??= (async () => {
    const file = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
    const glue = (await import(pathToFileURL(file).href)) as EngineModule & {
      __wbg_set_wasm(exports: unknown): void;
    };
    Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panicRegistry });
    const { WebAssembly } = globalThis as unknown as { WebAssembly: WasmApi };
    const bytes = await readFile(join(dirname(file), "schema_engine_bg.wasm"));
    const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return glue;
  })());
}

/**
 * Runs one piece of work with an engine on the database of a session.
 *
 * @param schema the text of the schema.prisma
 */
export async function withEngine<T>(
  session: Session,
  schema: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFactory(session));
  const engine = await SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
  }
}

/** The folder as the engine takes it. */
export function migrationList(folder: ContextFolder): MigrationList {
  return {
    baseDir: join(folder.dir, "migrations"),
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
    shadowDbInitScript: "",
    migrationDirectories: folder.migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
    })),
  };
}
