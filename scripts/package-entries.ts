import { type Entry, type Manifest, oldestNode } from "./package-manifest.ts";

/**
 * Writes the files of `entries/`, as text by name: for each entry a module that first looks at the version of Node and
 * then is the compiled one, and its types; and what stands in for all of them where ES modules cannot be required.
 */
export function entryFiles(manifest: Manifest, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    ["node-version.js", versionCheck(manifest)],
    [
      "old-node.cjs",
      `${versionCheck(manifest)}refuse("${manifest.name} is an ES module, which cannot be required here: import it");\n`,
    ],
  ]);
  for (const { name, source } of entries) {
    const compiled = source.replace(/^\.\/src\//, "../dist/").replace(/\.ts$/, ".js");
    const exported = `export * from "${compiled}";\n`;
    // Modules run in the order of their imports: the check is first.
    files.set(`${name}.js`, `import "./node-version.js";\n${exported}`);
    files.set(`${name}.d.ts`, exported);
  }
  return files;
}

/** Writes code that throws where Node is too old. A stack would tell nobody anything: the error has its message alone. */
function versionCheck(manifest: Manifest): string {
  const [major, minor] = oldestNode(manifest);
  return [
    'const [major, minor] = process.versions.node.split(".").map(Number);',
    `if (major < ${major} || (major === ${major} && minor < ${minor})) {`,
    `  refuse(\`${manifest.name} needs Node ${major}.${minor} or later, and this is \${process.versions.node}\`);`,
    "}",
    "function refuse(message) {",
    "  const error = new Error(message);",
    "  error.stack = message;",
    "  throw error;",
    "}",
    "",
  ].join("\n");
}
