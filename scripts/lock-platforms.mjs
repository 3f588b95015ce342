/**
 * Puts into package-lock.json what npm leaves out of it: packages for other platforms that the registry it was written
 * with does not have. `npm ci` refuses a lock without them. Run it after `npm install`:
 *
 *   node scripts/lock-platforms.mjs [--check]      with --check, it writes nothing, and exits with 1 if any is missing
 *
 * What it adds has an exact version, but no integrity, as there is nothing to take that from.
 */
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** A platform's names, as packages have them in their own, and what npm calls it. */
const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  openharmony: "openharmony",
  win32: "win32",
  windows: "win32",
};
const processors = {
  64: "x64",
  arm: "arm",
  arm64: "arm64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  x64: "x64",
};
const libraries = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

/** The entry of a platform's package, or null where its name does not tell the platform. */
function entryOf(name, version, dev) {
  const words = name.split(/[/-]/);
  const find = (names) => words.map((word) => names[word]).find((found) => found !== undefined);
  const [os, cpu, libc] = [find(systems), find(processors), find(libraries)];
  if (os === undefined || cpu === undefined) return null;
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(libc && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

/** All optional packages that some package of the lock names by exact version and that the lock does not have. */
function missingPlatforms({ packages }) {
  const missing = {};
  for (const { optionalDependencies = {}, dev = false } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (packages[`node_modules/${name}`] !== undefined || !exact.test(version)) continue;
      const entry = entryOf(name, version, dev);
      if (entry !== null) missing[`node_modules/${name}`] = entry;
    }
  }
  return missing;
}

const lock = JSON.parse(readFileSync(file, "utf8"));
const missing = missingPlatforms(lock);
const names = Object.keys(missing).map((key) => key.replace("node_modules/", ""));
if (process.argv.includes("--check")) {
  if (names.length > 0) {
    console.error(
      `package-lock.json lacks ${names.length} packages for other platforms, such as ${names[0]}.`,
    );
    console.error("npm ci will refuse it. To do: node scripts/lock-platforms.mjs");
    process.exitCode = 1;
  }
} else if (names.length > 0) {
  const packages = { ...lock.packages, ...missing };
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
  console.log(`package-lock.json: added ${names.length} packages for other platforms`);
}
