import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** What a program that has a logger writes to standard output. */
function log(statement: string): Record<string, unknown>[] {
  const program = `import { createLogger } from ${JSON.stringify(new URL("logger.ts", import.meta.url).href)};
    const logger = createLogger("thing", "info"); ${statement}`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line is a JSON object with the name, and lesser levels are left out", () => {
  expect(log('logger.debug("no"); logger.info({ a: 1 }, "yes")')).toEqual([
    expect.objectContaining({
      name: "thing",
      level: 30,
      msg: "yes",
      a: 1,
      time: expect.stringMatching(/Z$/),
    }),
  ]);
});

test("tokens and passwords are not written", () => {
  const lines = log(
    'logger.info({ authorization: "hush", headers: { authorization: "hush" }, req: { headers: { authorization: "hush" } }, password: "hush", role: { password: "hush" } }, "x")',
  );
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toContain("hush");
});
