import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");
const program = path.join(root, "packages/schema-cli/src/main.ts");
const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

/** Runs git; gives what it printed. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", [...identity, ...args], {
    cwd: folder,
    stdio: "pipe",
    encoding: "utf8",
  }).trim();
}

/** Another repository that uses the schema CLI, and the server that it is on. */
export interface Scratch {
  /** The folder of all that follows. */
  folder: string;
  /** The repository on the server: bare. */
  server: string;
  /** Puts files on a branch that leaves main where it is now, and gives its commit. */
  push(branch: string, files: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

export const products =
  "type Query {\n  products: [Product!]!\n}\ntype Product {\n  id: ID!\n  name: String\n}\n";

const config = {
  subgraphs: [{ name: "products", url: "http://localhost/products", schema: "../products.graphql" }],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  operations: [{ name: "clients", folder: "operations" }],
};

/** Makes one; its script `schema` is this repository's CLI. */
export async function createScratch(): Promise<Scratch> {
  const folder = await mkdtemp(path.join(tmpdir(), "schema-check-"));
  const [server, work] = [path.join(folder, "server.git"), path.join(folder, "work")];
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", server);
  git(folder, "clone", "--quiet", server, work);
  git(work, "symbolic-ref", "HEAD", "refs/heads/main");
  const put = async (files: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(work, file)), { recursive: true });
      await writeFile(path.join(work, file), text);
    }
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "--allow-empty", "-m", "a commit");
  };
  const scripts = { schema: `node ${JSON.stringify(program)}` };
  await put({
    "package.json": JSON.stringify({ name: "scratch", version: "1.0.0", private: true, scripts }),
    "package-lock.json": JSON.stringify({
      name: "scratch",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: { "": { name: "scratch", version: "1.0.0" } },
    }),
    ".gitignore": "node_modules\n",
    "schema/schema.config.ts": `export default ${JSON.stringify(config)};\n`,
    "schema/operations/names.graphql": "query Names {\n  products { name }\n}\n",
    "products.graphql": products,
  });
  git(work, "push", "--quiet", "origin", "main");
  return {
    folder,
    server,
    async push(branch, files) {
      git(work, "switch", "--quiet", "--force-create", branch, "origin/main");
      await put(files);
      git(work, "push", "--quiet", "--force", "origin", branch);
      return git(work, "rev-parse", "HEAD");
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The environment of a shell in CI: this Node, npm without network, and nothing of ours. */
export function shellEnvironment(folder: string): Record<string, string> {
  return {
    PATH: [path.dirname(process.execPath), process.env["PATH"] ?? ""].join(path.delimiter),
    HOME: folder,
    CI: "true",
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
}
