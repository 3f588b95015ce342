#!/usr/bin/env node
import { existsSync } from "node:fs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`@tributary/schema-cli needs Node 22.19 or later, and this is ${process.versions.node}`);
  process.exit(2);
}
// Node runs no TypeScript of packages that are installed: those have been compiled. Here it runs as it stands.
const source = new URL("../src/main.ts", import.meta.url);
await import((existsSync(source) ? source : new URL("../dist/main.js", import.meta.url)).href);
