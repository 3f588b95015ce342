import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readOperationTexts } from "./operation-texts.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), "operations-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, text: string) => {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
};
const manifest = (bodies: readonly unknown[]) =>
  JSON.stringify({
    format: "apollo-persisted-query-manifest",
    version: 1,
    operations: bodies.map((body, index) => ({ id: String(index), name: "N", type: "query", body })),
  });

test("a folder gives the texts of its files as they are, whatever else is there", async () => {
  await write("a.graphql", "{ a }\n");
  await write("inner/b.gql", "# who\nquery B { b }");
  await write("fragments.graphql", "fragment F on Query { a }");
  await write("notes.md", "# no GraphQL");
  expect(await readOperationTexts(folder)).toEqual({
    texts: ["{ a }\n", "# who\nquery B { b }"],
    faults: [],
  });
});

test("a file is one document, and a manifest has several", async () => {
  expect(await readOperationTexts(await write("a.graphql", "query A { a } query B { b }"))).toEqual({
    texts: ["query A { a } query B { b }"],
    faults: [],
  });
  expect(await readOperationTexts(await write("m.json", manifest(["query A { a }", "{ b }"])))).toEqual({
    texts: ["query A { a }", "{ b }"],
    faults: [],
  });
});

test.each([
  ["bad.graphql", "{ a", "bad.graphql is not GraphQL (Syntax Error: Expected Name, found <EOF>.)"],
  ["fragment.graphql", "fragment F on Q { a }", "fragment.graphql has no operation"],
  ["bad.json", "{", "bad.json is not JSON"],
  ["other.json", "{}", "other.json is no persisted query manifest (format: "],
  ["holes.json", manifest([1]), "holes.json is no persisted query manifest (operations.0.body: "],
  ["none.json", manifest([]), "none.json has no operations"],
  ["broken.json", manifest(["{"]), "broken.json is not GraphQL"],
  ["missing/x.txt", "", " has no operations"],
])("%s is told of: %s", async (name, text, fault) => {
  const file = await write(name, text);
  const { texts, faults } = await readOperationTexts(name.startsWith("missing") ? path.dirname(file) : file);
  expect({ texts, faults }).toEqual({ texts: [], faults: [expect.stringContaining(fault)] });
});

test("what is not there is told of", async () => {
  const file = path.join(folder, "missing");
  expect((await readOperationTexts(file)).faults).toEqual([`${file} cannot be read (ENOENT)`]);
});
