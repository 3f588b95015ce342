import { describe, expect, test } from "vitest";
import { checkBoundaries } from "./workspace.ts";

const manifest = (name: string, dependency: string) =>
  JSON.stringify({ name: `@tributary/${name}`, type: "module", dependencies: { [dependency]: "*" } });

describe("rule 1: a subgraph never imports another subgraph, the gateway or the schema CLI", () => {
  test("what a subgraph may import passes", async () => {
    const { output, passed } = await checkBoundaries({
      "subgraphs/order/src/main.ts":
        'import "@tributary/subgraph-kit";\nimport "./schema.ts";\nimport "pg";\n',
      "subgraphs/order/src/schema.ts": "export const schema = 1;\n",
      "subgraphs/order/src/schema.test.ts": 'import "vitest";\nimport "fast-check";\n',
    });
    expect(output).toContain("Checked 3 files");
    expect(passed).toBe(true);
  });

  test.each(["@tributary/customer", "@tributary/gateway", "@tributary/schema-cli", "@tributary/stack"])(
    "%s as a dependency is found",
    async (dependency) => {
      const { output, passed } = await checkBoundaries({
        "subgraphs/order/package.json": manifest("order", dependency),
        "subgraphs/order/src/main.ts": `import "${dependency}";\n`,
      });
      expect(output).toMatch(/in\s+denylist/);
      expect(output).toContain(dependency);
      expect(passed).toBe(false);
    },
  );

  test.each([
    ["a package that it does not depend on", 'import "@tributary/customer/load";', "is not a dependency"],
    ["a file of another package", 'import "../../customer/src/domain/customer.ts";', "leaves the package"],
    [
      "the same, while it runs",
      'await import("../../customer/src/domain/customer.ts");',
      "leaves the package",
    ],
  ])("%s is found", async (_, line, finding) => {
    const { output, passed } = await checkBoundaries({
      "subgraphs/customer/src/domain/customer.ts": "export const customer = 1;\n",
      "subgraphs/order/src/main.ts": `${line}\nexport {};\n`,
    });
    expect(output).toContain(finding);
    expect(passed).toBe(false);
  });
});

describe("rule 2: the gateway imports executor and subgraph-kit", () => {
  test("both pass", async () => {
    const { output, passed } = await checkBoundaries({
      "gateway/package.json": manifest("gateway", "@tributary/subgraph-kit"),
      "gateway/src/main.ts": 'import "@tributary/subgraph-kit/identity";\n',
    });
    expect(output).toContain("Checked 1 files");
    expect(passed).toBe(true);
  });

  test.each(["@tributary/order", "@tributary/stack", "@tributary/migrate"])(
    "%s is found",
    async (dependency) => {
      const { output, passed } = await checkBoundaries({
        "gateway/package.json": manifest("gateway", dependency),
        "gateway/src/main.ts": `import "${dependency}";\n`,
      });
      expect(output).toMatch(/in\s+allowlist/);
      expect(passed).toBe(false);
    },
  );
});

describe("a library does not know who uses it", () => {
  test.each(["subgraph-kit", "migrate", "schema-cli"])("%s on a subgraph is found", async (library) => {
    const { output, passed } = await checkBoundaries({
      [`packages/${library}/package.json`]: manifest(library, "@tributary/order"),
      [`packages/${library}/src/index.ts`]: 'import "@tributary/order/load";\n',
    });
    expect(output).toMatch(/in\s+denylist/);
    expect(passed).toBe(false);
  });
});
