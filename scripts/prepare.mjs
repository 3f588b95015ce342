/**
 * Runs after `npm ci` and `npm install`: generates code, so that an editor finds the types at once and the first start
 * is quick. What fails here never fails the installation: start, test and check generate again, and fail clearly.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const turbo = fileURLToPath(new URL("turbo.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [turbo, "--quiet", "run", "generate"], { stdio: "inherit" });
if (status !== 0) console.error("The code was not generated (see above). `npm run generate` tries again.");
