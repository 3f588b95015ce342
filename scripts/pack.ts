/**
 * Packs the packages that other repositories install, each to a tarball: `npm run pack [-- --out <folder>]`. The folder is
 * dist/packages unless another is named. Prints the tarballs' paths (docs/adr/0022-packages-for-other-repositories.md).
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { packPackage } from "./package-build.ts";

/** Folders in packages/. */
const PACKAGES = ["executor", "subgraph-kit", "schema-cli"];

/** Reads the command line. */
function readOutput(): string {
  try {
    const { values } = parseArgs({ options: { out: { type: "string", default: "dist/packages" } } });
    return path.resolve(values.out);
  } catch {
    console.error("usage: npm run pack [-- --out <folder>]");
    process.exit(2);
  }
}

const output = readOutput();
await mkdir(output, { recursive: true });
try {
  for (const name of PACKAGES) console.log(path.relative(".", await packPackage(name, output)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
