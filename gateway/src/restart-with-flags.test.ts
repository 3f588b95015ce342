import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const module = new URL("restart-with-flags.ts", import.meta.url).href;
let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flags-"));
  program = join(folder, "program.mjs");
  await writeFile(
    program,
    `import { restartWithFlags } from ${JSON.stringify(module)};
    restartWithFlags(["--max-semi-space-size=64"], process.env);
    const { pid, execArgv: flags, argv } = process;
    console.log(JSON.stringify({ pid, flags, args: argv.slice(2) }));`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a program that wants a flag, and tells what it said: its number, Node's flags and its own. */
async function run(
  execArgv: readonly string[],
  options: { env?: Record<string, string>; channel?: boolean } = {},
) {
  const child = spawn(process.execPath, [...execArgv, program, "one", "--two=2"], {
    env: options.env ?? {},
    stdio: ["ignore", "pipe", "inherit", ...(options.channel === true ? ["ipc" as const] : [])],
  });
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  const { pid, flags, args: own } = JSON.parse(said) as { pid: number; flags: string[]; args: string[] };
  return { samePid: pid === child.pid, flags, args: own };
}

describe.skipIf(process.platform === "win32")("a program that wants flags", () => {
  test("starts over with them, as the same process with the same arguments", async () => {
    expect(await run([])).toEqual({
      samePid: true,
      flags: ["--max-semi-space-size=64"],
      args: ["one", "--two=2"],
    });
  });

  test.each([
    ["leaves flags as they are", ["--max-semi-space-size=32"], {}, ["--max-semi-space-size=32"]],
    ["knows flags with underscores", ["--max_semi_space_size=32"], {}, ["--max_semi_space_size=32"]],
    [
      "leaves options of the environment as they are",
      [],
      { env: { NODE_OPTIONS: "--max-semi-space-size=32" } },
      [],
    ],
    ["keeps the channel to whoever started it", [], { channel: true }, []],
  ])("%s", async (_, execArgv, options, flags) => {
    expect(await run(execArgv, options)).toMatchObject({ flags });
  });
});
