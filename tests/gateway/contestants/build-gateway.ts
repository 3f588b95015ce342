import { execFileSync } from "node:child_process";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** Compiles our gateway as for a deployment, unless it is compiled already. @throws Error with what the build said */
export function buildGateway(): void {
  const args = [
    path.join(ROOT, "scripts/turbo.mjs"),
    "--quiet",
    "run",
    "build",
    "--filter=@tributary/gateway",
  ];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
}
