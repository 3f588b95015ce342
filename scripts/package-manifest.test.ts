import { expect, test } from "vitest";
import { entriesOf, type Manifest, oldestNode, publishedManifest } from "./package-manifest.ts";

const manifest: Manifest = {
  name: "@tributary/things",
  version: "1.2.3",
  description: "Things",
  license: "MIT",
  engines: { node: ">=22.19" },
  exports: { ".": "./src/index.ts", "./parts": "./src/parts/index.ts" },
  dependencies: { graphql: "16.15.0", undici: "8.12.4" },
  publishConfig: { peerDependencies: { graphql: "^16.11.0" } },
};

test("what an app must have once becomes a peer, and is no dependency any more", () => {
  expect(publishedManifest(manifest)).toMatchObject({
    dependencies: { undici: "8.12.4" },
    peerDependencies: { graphql: "^16.11.0" },
  });
});

test("a published package is not private, and has nothing that is for the workspace", () => {
  const source = { ...manifest, private: true, scripts: { build: "x" }, devDependencies: { pg: "1" } };
  expect(Object.keys(publishedManifest(source))).toEqual([
    "name",
    "version",
    "description",
    "license",
    "type",
    "engines",
    "exports",
    "files",
    "dependencies",
    "peerDependencies",
  ]);
});

test("entries are compiled files with their types", () => {
  expect(entriesOf(manifest).map(({ name }) => name)).toEqual(["index", "parts"]);
  expect(publishedManifest(manifest).exports).toMatchObject({
    "./parts": { types: "./entries/parts.d.ts", "module-sync": "./entries/parts.js" },
  });
});

test("a dependency on a package of the workspace is refused, as nobody else can install it", () => {
  const dependencies = { ...manifest.dependencies, "@tributary/channels": "*" };
  expect(() => publishedManifest({ ...manifest, dependencies })).toThrow("@tributary/channels");
});

test("a peer that is no dependency is refused", () => {
  expect(() => publishedManifest({ ...manifest, dependencies: {} })).toThrow("graphql is no dependency");
});

test("the oldest Node is read from engines", () => {
  expect(oldestNode(manifest)).toEqual([22, 19]);
  expect(() => oldestNode({ ...manifest, engines: { node: ">=22" } })).toThrow("engines.node");
});
