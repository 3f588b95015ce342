import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const main = path.join(import.meta.dirname, "main.ts");
const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

/** What a run of the command came to. */
export interface Run {
  code: number;
  stdout: string;
  /** Both outputs. */
  output: string;
}

/** A git repository in a folder of its own. */
export interface Repository {
  folder: string;
  write(files: Record<string, string>): Promise<void>;
  git(...args: string[]): string;
  /** Commits all that there is. */
  commit(): string;
  /** Runs the command there, with none of CI's variables but those given. */
  schema(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  remove(): Promise<void>;
}

/** Makes a repository with a branch `main`, with these files, which are not committed yet. */
export async function createRepository(files: Record<string, string> = {}): Promise<Repository> {
  const repository = openRepository(await mkdtemp(path.join(tmpdir(), "schema-cli-")));
  repository.git("init", "--quiet", "--initial-branch=main");
  await repository.write(files);
  return repository;
}

/** A repository that is there. */
export function openRepository(folder: string): Repository {
  const git = (...args: string[]) =>
    execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "pipe", encoding: "utf8" }).trim();
  return {
    folder,
    git,
    async write(files) {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
        await writeFile(path.join(folder, file), text);
      }
    },
    commit() {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "-m", "a commit");
      return git("rev-parse", "HEAD");
    },
    schema: (args, env = {}) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: { PATH: process.env["PATH"], ...env }, maxBuffer: 2 ** 28 };
        execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), stdout, output: stdout + stderr }),
        );
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A configuration of subgraphs `a`, `b`, ... with the SDL in `<name>.graphql`. */
export function configOf(names: readonly string[], more: object = {}): string {
  const subgraphs = names.map((name) => ({
    name,
    url: `http://localhost/${name}`,
    schema: `../${name}.graphql`,
  }));
  const output = { supergraph: "supergraph.graphql", api: "api.graphql" };
  return `export default ${JSON.stringify({ subgraphs, output, ...more })};\n`;
}
