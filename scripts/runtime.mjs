/** The major version of Node that the code is written for; the exact one is pinned in package.json. */
export const requiredNode = 26;

/**
 * Says what is wrong with the Node that runs this, as text for a person; null where nothing is.
 *
 * npm puts `node_modules/.bin` first in the path of every script, and the pinned Node is linked there. It is missing
 * where optional dependencies were left out, and on platforms that the registry has no such package for.
 */
export function missingRuntime(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= requiredNode) return null;
  return [
    `Node ${requiredNode} is needed, and this is Node ${version}.`,
    "It comes with the dependencies: run `npm ci` (without --omit=optional).",
    `On a platform that has no such package, install Node ${requiredNode} and run this again.`,
  ].join("\n");
}
