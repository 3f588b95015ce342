import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocSamples } from "../docs/doc-samples.ts";
import { type Scratch, createScratch, git, products, root } from "./scratch.ts";

const program = path.join(root, "packages/schema-cli/src/main.ts");

let scratch: Scratch;
beforeAll(async () => void (scratch = await createScratch()));
afterAll(() => scratch.remove());

/** A text without the names of commits and changes. */
function withoutNames(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{12}\b/g, "CHANGE")
    .replaceAll(/\b[0-9a-f]{7}\b/g, "COMMIT")
    .trim();
}

test("a check prints what docs/schema-check.md shows", async () => {
  await scratch.push("change", {
    "products.graphql": products.replace("  name: String\n", "  price: Int\n"),
  });
  const folder = path.join(scratch.folder, "change");
  git(scratch.folder, "clone", "--quiet", "--branch=change", `file://${scratch.server}`, folder);
  const printed = await new Promise<string>((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env["PATH"] } };
    execFile(process.execPath, [program, "check"], options, (_, stdout) => resolve(stdout));
  });
  const sample = (await readDocSamples(root)).find(({ name }) => name === "check")?.text ?? "";
  expect(withoutNames(sample)).toBe(withoutNames(printed));
});
