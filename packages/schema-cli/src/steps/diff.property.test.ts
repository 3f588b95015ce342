import fc from "fast-check";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { diffSchemas } from "./diff.ts";
import { failures } from "./generated-operations.fixture.ts";
import { type Model, model, printModel } from "./generated-schema.fixture.ts";

const seed = Number(process.env["TEST_SEED"]);

/** A schema, and the same with one of its parts taken from another. */
const pair = fc
  .tuple(
    model,
    model,
    fc.constantFrom("values", "members", "implementing", "input", "field", "argument", "aside"),
  )
  .chain(([before, other, part]) =>
    fc.record({ type: fc.nat(1), field: fc.nat(3), argument: fc.nat(1), input: fc.nat(2) }).map((at) => {
      const after = structuredClone(before);
      if (part === "values") after.values = other.values;
      if (part === "members") after.members = other.members;
      if (part === "implementing") after.implementing = other.implementing;
      if (part === "aside") after.aside = other.aside;
      if (part === "input") after.input[at.input] = other.input[at.input] ?? null;
      const fields = after.types[at.type];
      const field = fields?.[at.field];
      if (part === "field" && fields !== undefined)
        fields[at.field] = other.types[at.type]?.[at.field] ?? null;
      if (part === "argument" && field != null) {
        field.args[at.argument] = other.types[at.type]?.[at.field]?.args[at.argument] ?? null;
      }
      return { before, after };
    }),
  );

async function kinds(before: Model, after: Model): Promise<(string | undefined)[]> {
  const findings = await diffSchemas(buildSchema(printModel(before)), buildSchema(printModel(after)));
  return findings.map(({ kind }) => kind);
}

const composite = new Set(["T0", "T1", "U", "I"]);

/**
 * Whether a field gives another object, interface or union. That counts as breaking even where the two happen to hold
 * the same objects with the same fields, and no operation could tell: the next change of either would part them.
 */
function givesAnotherComposite(before: Model, after: Model): boolean {
  return before.types.some((fields, type) =>
    fields.some((field, index) => {
      const [was, is] = [field?.use.type, after.types[type]?.[index]?.use.type];
      return was !== undefined && is !== undefined && was !== is && composite.has(was) && composite.has(is);
    }),
  );
}

test("a schema against itself is clean", async () => {
  await fc.assert(
    fc.asyncProperty(model, async (any) => {
      expect(await kinds(any, structuredClone(any))).toEqual([]);
    }),
    { seed, numRuns: 100 },
  );
});

test("a change is breaking if, and only if, some operation that ran fails", async () => {
  let breaking = 0;
  await fc.assert(
    fc.asyncProperty(pair, async ({ before, after }) => {
      const found = (await kinds(before, after)).includes("breaking");
      const [failed] = failures(before, printModel(before), printModel(after));
      if (found) breaking += 1;
      if (found && givesAnotherComposite(before, after)) return;
      // The operation is there to be read where this fails.
      expect({ breaking: found, failed }).toEqual({ breaking: failed !== undefined, failed });
    }),
    { seed, numRuns: 200 },
  );
  // It must not hold for want of changes.
  expect(breaking).toBeGreaterThan(20);
});
