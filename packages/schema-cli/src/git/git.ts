import { execFile } from "node:child_process";
import { UncheckedError } from "../result/fault.ts";

/** The output of a git command that ends with 0; null where git says no. Never through a shell. */
export function git(folder: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024, encoding: "utf8" } as const;
    execFile("git", [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") reject(new UncheckedError("there is no git", "install git"));
      else if (typeof error.code === "number") resolve(null);
      else reject(error);
    });
  });
}
