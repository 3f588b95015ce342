/** As much of a package.json as is read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly bin?: Readonly<Record<string, string>>;
  /** TypeScript files by the names that they are imported by. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: {
    /** What an app must have exactly once, with the range that works. They are no dependencies of the published package. */
    readonly peerDependencies?: Readonly<Record<string, string>>;
  };
}

/** A module of a package that others may import. */
export interface Entry {
  /** As in `exports`: "." or "./identity". */
  readonly subpath: string;
  /** The TypeScript file, relative to the package: "./src/identity/index.ts". */
  readonly source: string;
  /** What its files in the published package are called: "index", "identity". */
  readonly name: string;
}

const WORKSPACE = "@tributary/";

/** Lists a package's entries. */
export function entriesOf({ exports }: Manifest): readonly Entry[] {
  return Object.entries(exports).map(([subpath, source]) => ({
    subpath,
    source,
    name: subpath === "." ? "index" : subpath.slice("./".length).replaceAll("/", "-"),
  }));
}

/** Gives the oldest Node that a package works with, as `[major, minor]`. Throws where `engines` is not `>=major.minor`. */
export function oldestNode({ name, engines }: Manifest): readonly [major: number, minor: number] {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(engines?.node ?? "") ?? [];
  if (major === undefined || minor === undefined) {
    throw new Error(`${name}: engines.node must be like ">=22.19"`);
  }
  return [Number(major), Number(minor)];
}

/**
 * Makes the package.json that is published from the one of the workspace: compiled entries, and peers in place of what an
 * app must have once.
 *
 * @throws {Error} where the package could not be installed elsewhere: it depends on a package of this workspace, or a peer
 * is none of its dependencies
 */
export function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const { name, version, description, license, engines, bin, dependencies = {}, publishConfig } = manifest;
  const peers = publishConfig?.peerDependencies ?? {};
  for (const dependency of Object.keys(dependencies)) {
    if (!dependency.startsWith(WORKSPACE)) continue;
    throw new Error(`${name} depends on ${dependency}, which is in this workspace alone`);
  }
  for (const peer of Object.keys(peers)) {
    if (dependencies[peer] === undefined) throw new Error(`${name}: the peer ${peer} is no dependency`);
  }
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines,
    ...(bin === undefined ? {} : { bin }),
    exports: {
      ...Object.fromEntries(entriesOf(manifest).map((entry) => [entry.subpath, conditionsOf(entry)])),
      "./package.json": "./package.json",
    },
    files: [...(bin === undefined ? [] : ["bin"]), "dist", "entries"],
    dependencies: Object.fromEntries(
      Object.entries(dependencies).filter(([each]) => peers[each] === undefined),
    ),
    peerDependencies: peers,
  };
}

/**
 * Says which file is loaded by whom. There is one ES module for all: a Node that can require it knows the condition
 * "module-sync". One that does not is told so where it calls `require()`, as it would fail with an error about modules.
 */
function conditionsOf({ name }: Entry) {
  const module = `./entries/${name}.js`;
  return {
    types: `./entries/${name}.d.ts`,
    "module-sync": module,
    node: { require: "./entries/old-node.cjs", default: module },
    default: module,
  };
}
