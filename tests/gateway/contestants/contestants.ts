import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodeFlags } from "@tributary/gateway/node-flags";
import type { StartOptions } from "../processes.ts";
import type { Work } from "../works.ts";
import type { Floor } from "./floor.process.ts";
import { installHiveGateway } from "./hive.ts";

/** What a contestant is started with. */
export interface Setting {
  readonly port: number;
  readonly supergraphFile: string;
  /** Folder for its files. */
  readonly folder: string;
  /** Folder that outlives the run, for what is installed. */
  readonly cache: string;
  readonly work: Work;
  /** Which of our gateway is run: compiled, or its sources. */
  readonly gateway: keyof typeof GATEWAYS;
  /** What the floor has to do; known once our gateway has run. */
  readonly floor: Floor | undefined;
}

export type Command = Omit<StartOptions, "core"> & {
  /** Where it takes operations. */
  readonly path: string;
};

export interface Contestant {
  readonly key: string;
  readonly name: string;
  readonly command: (setting: Setting) => Command | Promise<Command>;
  /** How many times less CPU than stock it is to take. */
  readonly aim?: (work: Work) => number | undefined;
  /** Answers with what is there already: there is nothing to compare. */
  readonly isFloor?: true;
}

const APOLLO = fileURLToPath(new URL("./apollo.process.ts", import.meta.url));
const FLOOR = fileURLToPath(new URL("./floor.process.ts", import.meta.url));
const GATEWAYS = {
  built: path.resolve(import.meta.dirname, "../../../gateway/dist/main.js"),
  sources: path.resolve(import.meta.dirname, "../../../gateway/src/main.ts"),
} as const;

const apollo =
  (kind: "stock" | "ours" | "ours-import", front: "standalone" | "bare") =>
  ({ port, supergraphFile }: Setting): Command => ({
    args: [APOLLO, kind, front, String(port), supergraphFile],
    path: "/",
  });

const hive =
  (...flags: string[]) =>
  async ({ port, supergraphFile, cache }: Setting): Promise<Command> => {
    const { bin, folder, config } = await installHiveGateway(cache);
    const where = ["--host", "127.0.0.1", "--port", String(port), "--config-path", config];
    return { args: [bin, "supergraph", supergraphFile, ...where, ...flags], cwd: folder, path: "/graphql" };
  };

const floorBy =
  (caller: "undici" | "transport") =>
  ({ port, folder, floor, work }: Setting): Command => {
    if (floor === undefined) throw new Error("ours-bare, whose calls it makes, did not run");
    const file = path.join(folder, `floor-${work.key}.json`);
    writeFileSync(file, JSON.stringify(floor));
    return { args: [FLOOR, caller, String(port), file], path: "/" };
  };

/** The first one is the oracle of answers, and what others are compared with. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    key: "stock",
    name: "Apollo Gateway, Apollo Server",
    command: apollo("stock", "standalone"),
  },
  { key: "stock-bare", name: "Apollo Gateway, bare node:http", command: apollo("stock", "bare") },
  { key: "hive", name: "Hive Gateway", command: hive("--jit") },
  {
    key: "hive-router",
    name: "Hive Gateway, router runtime",
    // Compiled documents go past this runtime, to fields without resolvers.
    command: hive("--hive-router-runtime"),
  },
  {
    key: "ours-import",
    name: "ours, only the import changed",
    command: apollo("ours-import", "standalone"),
  },
  {
    key: "ours-drop-in",
    name: "ours, drop-in in Apollo Server",
    command: apollo("ours", "standalone"),
    aim: ({ dropInAim }) => dropInAim,
  },
  { key: "ours-bare", name: "ours, bare node:http", command: apollo("ours", "bare") },
  {
    key: "ours",
    name: "ours, the gateway",
    aim: ({ aim }) => aim,
    // Without authorization and limits; the access log is off as well, as nobody else writes one.
    command: ({ port, supergraphFile, gateway }) => ({
      args: [
        // It gives them to itself, but not where a benchmark talks to it over a channel.
        ...nodeFlags,
        GATEWAYS[gateway],
        ...["--supergraph", supergraphFile, "--port", String(port), "--host", "127.0.0.1"],
        ...["--forward-header", "authorization", "--log-level", "warn"],
        ...["--max-tokens", "1000000", "--max-depth", "10000", "--max-aliases", "1000000"],
      ],
      path: "/graphql",
    }),
  },
  { key: "floor", name: "floor: its calls by undici", isFloor: true, command: floorBy("undici") },
  { key: "floor-own", name: "floor: its calls by ours", isFloor: true, command: floorBy("transport") },
];
