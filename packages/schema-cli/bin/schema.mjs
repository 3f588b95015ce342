#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`schema needs Node 22.18 or later; this is ${process.version}.`);
  process.exit(2);
}
// Node runs no TypeScript of packages that are installed: those have been compiled. Here it runs as it stands.
const installed = import.meta.url.includes("/node_modules/");
await import(new URL(installed ? "../dist/main.js" : "../src/main.ts", import.meta.url).href);
