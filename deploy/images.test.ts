import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");

/** Prints the URL of each module that a program loads. */
const PRINT_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  import { writeSync } from "node:fs";
  registerHooks({ load(url, context, next) { writeSync(1, url + "\\n"); return next(url, context); } });
`)}`;

/** What an image has of the sources: folders and files, from the repository's top. */
function contentsOf(target: string, context = ""): string[] {
  const [, stage = ""] =
    new RegExp(`^FROM runtime AS ${target}$([^]*?)(?=^FROM |$(?![^]))`, "m").exec(
      readFileSync(path.join(root, "Dockerfile"), "utf8"),
    ) ?? [];
  return [...stage.matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(([, source = ""]) =>
    source.replace("${CONTEXT}", context),
  );
}

/** The repository's own modules that a program has loaded when it ends, as it does without its settings. */
async function modulesOf(program: string): Promise<string[]> {
  const output = await new Promise<string>((done) => {
    execFile(
      process.execPath,
      ["--import", PRINT_MODULES, path.join(root, program)],
      { cwd: root, env: {}, maxBuffer: 2 ** 26, timeout: 60_000 },
      (_error, stdout) => done(stdout),
    );
  });
  const files = output.split("\n").flatMap((line) => (line.startsWith("file:") ? [fileURLToPath(line)] : []));
  return files.map((file) => path.relative(root, file)).filter((file) => !file.includes("node_modules"));
}

test.each([
  ...["customer", "order", "payment", "history"].map(
    (context) => [`subgraphs/${context}/src/main.ts`, "subgraph", context] as const,
  ),
  ["gateway/src/main.ts", "gateway"] as const,
  ...["secrets", "databases", "seed", "token"].map((job) => [`deploy/${job}/main.ts`, "jobs"] as const),
  ["packages/migrate/src/main.ts", "jobs"] as const,
])("the image that runs %s has what that loads", async (program, target, context?: string) => {
  const contents = contentsOf(target, context);
  expect(contents).not.toEqual([]);
  const modules = await modulesOf(program);
  expect(modules).toContain(program);
  expect(modules.length).toBeGreaterThan(3);
  const isThere = (file: string) =>
    contents.some((each) => file === each || file.startsWith(`${each.replace(/\/$/, "")}/`));
  expect(modules.filter((file) => !isThere(file))).toEqual([]);
});
