import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const dockerfile = readFileSync(path.join(root, "Dockerfile"), "utf8");

/** Where the workspace's packages are, by their names. */
const folders = new Map(
  readdirSync(path.join(root, "packages")).map((name) => [`@tributary/${name}`, `packages/${name}`]),
);

/** The folders of the workspace's packages that a package needs, directly or through others. */
function neededBy(folder: string): ReadonlySet<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  const own = Object.keys(dependencies).flatMap((name) => folders.get(name) ?? []);
  return new Set([...own, ...own.flatMap((each) => [...neededBy(each)])]);
}

/** What is copied into a target of the Dockerfile. */
function copiedInto(target: string): readonly string[] {
  const stage = new RegExp(`^FROM \\S+ AS ${target}$([^]*?)(?=^FROM |$(?![^]))`, "m").exec(dockerfile)?.[1];
  return [...(stage ?? "").matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map((match) => match[1] ?? "");
}

test("the gateway's image carries every package of the workspace that the gateway needs", () => {
  const needed = neededBy("gateway");
  expect(needed.size).toBeGreaterThan(0);
  expect(copiedInto("gateway")).toEqual(expect.arrayContaining([...needed]));
});
