import { execFile } from "node:child_process";
import { cp, glob, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.dirname(path.dirname(import.meta.dirname));

/** The configuration of every tool that checks the house rules, as it stands. */
const configuration = [
  "package.json",
  "turbo.json",
  "tsconfig.json",
  ".oxlintrc.json",
  "{gateway,tests}/{package,turbo}.json",
  "{packages,subgraphs}/*/{package,turbo}.json",
];

/** Files by their path in the repository, and what is in them. */
export type Fixture = Record<string, string>;

/** What `turbo boundaries` says to a fixture. */
export async function checkBoundaries(fixture: Fixture): Promise<{ passed: boolean; output: string }> {
  const { code, output } = await inWorkspaceOf(fixture, ["turbo", "boundaries"]);
  return { passed: code === 0, output };
}

/** What the linter finds in a fixture: the file, the rule's name, and the rule's own words. */
export async function lint(fixture: Fixture): Promise<{ file: string; rule: string; words: string }[]> {
  const { output } = await inWorkspaceOf(fixture, ["oxlint", "--format", "json", ...Object.keys(fixture)]);
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { filename: string; code: string; message: string; help?: string }[];
  };
  return diagnostics.map(({ filename, code, message, help = "" }) => ({
    file: filename.replaceAll("\\", "/"),
    rule: code,
    words: `${message} ${help}`,
  }));
}

/** Runs a tool on a copy of the repository's configuration, with no sources in it but those of a fixture. */
async function inWorkspaceOf(fixture: Fixture, command: string[]): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "boundaries-"));
  try {
    for await (const file of glob(configuration, { cwd: root }))
      await cp(path.join(root, file), path.join(folder, file));
    for (const [file, text] of Object.entries(fixture)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
    await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
    return await run(folder, command);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(cwd: string, [tool = "", ...args]: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
  return new Promise((resolve, reject) => {
    execFile(path.join(root, "node_modules/.bin", tool), args, { cwd, env }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: Number(error?.code ?? 0), output: tool === "oxlint" ? stdout : stdout + stderr });
    });
  });
}
