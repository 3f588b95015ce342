import { describe, expect, test } from "vitest";
import { lint } from "./workspace.ts";

/** Each line is linted in a file of its own beside the others, and is found by the one rule that is expected. */
async function expectFound(
  file: string,
  lines: string[],
  expected: { rule: string; words?: string },
): Promise<void> {
  const fixture = Object.fromEntries(lines.map((line, index) => [numbered(file, index), `${line}\n`]));
  const found = await lint(fixture);
  for (const name of Object.keys(fixture)) {
    const findings = found.filter((finding) => finding.file === name);
    expect(findings, fixture[name]).toMatchObject([{ rule: expected.rule }]);
    expect(findings[0]?.words).toContain(expected.words ?? "");
  }
}

async function expectClean(file: string, text: string): Promise<void> {
  expect(await lint({ [file]: `${text}\n` })).toEqual([]);
}

const numbered = (file: string, index: number) =>
  file.replace(/(\.test)?\.ts$/, `-${String(index).padStart(2, "0")}$&`);
const restricted = "eslint(no-restricted-imports)";

describe("rule 2: of subgraph-kit, the gateway imports identity and errors", () => {
  test.each(["gateway/src/gateway.ts", "gateway/src/auth/token.ts", "gateway/src/auth/keys/store.ts"])(
    "in %s",
    async (file) => {
      await expectClean(
        file,
        'export * from "@tributary/subgraph-kit/identity";\nexport * from "@tributary/subgraph-kit/errors";\nexport * from "@tributary/executor";\nexport * from "jose";',
      );
      await expectFound(
        file,
        [
          'export * from "@tributary/subgraph-kit";',
          'export * from "@tributary/subgraph-kit/pagination";',
          'export * from "@tributary/order/load";',
        ],
        {
          rule: restricted,
          words: "The gateway imports executor and, of subgraph-kit, identity and errors.",
        },
      );
    },
  );
});

describe("rule 3: domain imports domain; resolvers never import Prisma", () => {
  test("in domain/", async () => {
    const file = "subgraphs/order/src/domain/order.ts";
    await expectClean(file, 'export * from "./money.ts";');
    await expectFound(
      file,
      [
        'export * from "../data/orders.ts";',
        'export * from "../resolvers/order.ts";',
        'export * from "../generated/prisma/client.ts";',
        'export * from "../../../customer/src/domain/customer.ts";',
        'export * from "@tributary/subgraph-kit";',
        'export * from "node:fs";',
        'export * from "pg";',
        'export type * from "../context.ts";',
        'export const orders = await import("../data/orders.ts");',
      ],
      { rule: restricted, words: "domain imports domain, and nothing else." },
    );
  });

  test("in a test of domain/", async () => {
    const file = "subgraphs/order/src/domain/order.test.ts";
    await expectClean(
      file,
      'export * from "./money.ts";\nexport * from "vitest";\nexport * from "fast-check";',
    );
    await expectFound(file, ['export * from "../data/orders.ts";', 'export * from "pg";'], {
      rule: restricted,
    });
  });

  test.each(["resolvers/order.ts", "load/orders.ts", "schema.ts", "main.ts"])("in %s", async (name) => {
    const file = `subgraphs/order/src/${name}`;
    await expectClean(file, 'export * from "./domain/order.ts";\nexport * from "../data/orders.ts";');
    await expectFound(
      file,
      [
        'export * from "../generated/prisma/client.ts";',
        'export * from "../generated/prisma/enums.ts";',
        'export * from "@prisma/client";',
        'export * from "@prisma/adapter-pg";',
        'export type * from "../generated/prisma/models.ts";',
      ],
      { rule: restricted, words: "src/data/ is the only importer of Prisma." },
    );
  });

  test("in data/, Prisma may be imported", () =>
    expectClean(
      "subgraphs/order/src/data/orders.ts",
      'export * from "../generated/prisma/client.ts";\nexport * from "@prisma/adapter-pg";',
    ));
});

describe("rule 4: the gateway's folders do not import each other", () => {
  const words = "gateway.ts joins them";

  test("in a folder", async () => {
    const file = "gateway/src/auth/token.ts";
    await expectClean(file, 'export * from "./keys.ts";\nexport * from "./keys/store.ts";');
    await expectFound(
      file,
      [
        'export * from "../limits/depth.ts";',
        'export * from "../gateway.ts";',
        'export type * from "../http/server.ts";',
      ],
      { rule: restricted, words },
    );
  });

  test("in a folder of a folder", async () => {
    const file = "gateway/src/auth/keys/store.ts";
    await expectClean(file, 'export * from "../token.ts";');
    await expectFound(file, ['export * from "../../limits/depth.ts";'], { rule: restricted, words });
  });

  test("gateway.ts joins them", () =>
    expectClean(
      "gateway/src/gateway.ts",
      'export * from "./auth/token.ts";\nexport * from "./limits/depth.ts";',
    ));
});

describe("rule 5: no cycles", () => {
  test.each([
    ["of values", "import"],
    ["of types", "import type"],
  ])("%s, between two files", async (_, keyword) => {
    const found = await lint({
      "packages/stack/src/one.ts": `${keyword} { Two } from "./two.ts";\nexport class One {\n  two?: Two;\n}\n`,
      "packages/stack/src/two.ts": `${keyword} { One } from "./one.ts";\nexport class Two {\n  one?: One;\n}\n`,
      "packages/stack/src/three.ts": `${keyword} { One } from "./one.ts";\nexport class Three {\n  one?: One;\n}\n`,
    });
    const inCycle = found.filter(({ rule }) => rule === "import(no-cycle)").map(({ file }) => file);
    expect(inCycle.sort()).toEqual(["packages/stack/src/one.ts", "packages/stack/src/two.ts"]);
  });
});

describe("rule 5: process.env is read in main.ts and config.ts alone", () => {
  const read = "export const port = process.env.PORT;";

  test.each([
    "gateway/src/main.ts",
    "gateway/src/config.ts",
    "subgraphs/order/src/main.ts",
    "scripts/check.ts",
  ])("in %s it may be", (file) => expectClean(file, read));

  test.each([
    "gateway/src/http/server.ts",
    "subgraphs/order/src/data/orders.ts",
    "packages/stack/src/start.ts",
  ])("in %s it is found", async (file) => {
    await expectFound(
      file,
      [
        read,
        'export const port = process["env"].PORT;',
        "const { env } = process;\nexport const port = env.PORT;",
      ],
      { rule: "eslint(no-restricted-properties)" },
    );
    await expectFound(file, ['import process from "node:process";\nexport const { pid } = process;'], {
      rule: restricted,
      words: "`process` is a global",
    });
  });
});
