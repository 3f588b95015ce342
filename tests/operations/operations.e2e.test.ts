import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { startStack, type Stack } from "@tributary/stack";
import { importDirectory, importedId } from "@tributary/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askApi } from "../support/api.ts";
import {
  classicModelsDir,
  readClassicModels,
  type ClassicModels,
  withoutClassicModels,
} from "../support/classicmodels.ts";
import { untilHistoriesAreWhole } from "../support/history.ts";
import type { Person } from "./access.ts";
import { cases, type OperationCase } from "./cases.ts";
import { createOracle } from "./oracle.ts";

const folder = path.resolve(import.meta.dirname, "../../schema/operations");
const textOf = (operation: string) => readFileSync(path.join(folder, `${operation}.graphql`), "utf8");

/** The customer who asks, where a customer does: one with many orders, payments and an order on its way. */
const SELF = "124";
const people: readonly Person[] = ["customer", "support", "finance", "admin", "anonymous"];

/** Cursors are opaque, and the files have no date on which somebody became a customer: what is there is all that counts. */
function comparable(answer: unknown): unknown {
  const hidden = new Set(["cursor", "startCursor", "endCursor", "createdAt"]);
  const ofTheMoment = new Set(["asOf", "lagSeconds", "changedAt"]);
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) =>
      ofTheMoment.has(key) || (hidden.has(key) && typeof value === "string") ? `<${key}>` : value,
    ),
  );
}

function errorsOf(
  errors: readonly { path?: readonly (string | number)[] | undefined; extensions: { code?: unknown } }[] = [],
) {
  return errors
    .map(({ path: at = [], extensions }) => `${at.join(".")} ${String(extensions.code)}`)
    .toSorted();
}

function endCursor(data: unknown, connection: string): string | undefined {
  let value = data as Record<string, unknown> | null | undefined;
  for (const key of connection.split(".")) value = value?.[key] as Record<string, unknown> | null | undefined;
  const info = value?.["pageInfo"] as { hasNextPage: boolean; endCursor: string } | undefined;
  return info?.hasNextPage ? info.endCursor : undefined;
}

describe.skipIf(!classicModelsDir)(
  `operations on imported data${classicModelsDir ? "" : ` (${withoutClassicModels})`}`,
  () => {
    let stack: Stack;
    let files: ClassicModels;

    beforeAll(async () => {
      files = readClassicModels(classicModelsDir!);
      stack = await startStack({ seedCustomers: false });
      await importDirectory({
        dir: classicModelsDir!,
        urls: stack.databases,
        rejects: path.join(stack.paths.dataDir, "rejects.csv"),
      });
      await untilHistoriesAreWhole(stack);
    });
    afterAll(() => stack?.stop());

    const tokenOf = async (person: Person) =>
      person === "anonymous"
        ? null
        : stack.token(person, person === "customer" ? { customerId: importedId("customers", SELF) } : {});

    async function agree(person: Person, { operation, variables, pages }: OperationCase): Promise<number> {
      const oracle = createOracle(files, person, SELF);
      const token = await tokenOf(person);
      const query = textOf(operation);
      let here = { ...variables };
      let there = { ...variables };
      for (let count = 1; ; count++) {
        const actual = await askApi(stack.gatewayUrl, token, { query, variables: here });
        const expected = oracle.answer(query, there);
        expect(comparable(actual.data)).toEqual(comparable(expected.data));
        expect(errorsOf(actual.errors)).toEqual(errorsOf(expected.errors));
        const cursor = pages && endCursor(actual.data, pages.connection);
        if (!pages || cursor === undefined) return count;
        here = { ...variables, [pages.variable]: cursor };
        there = { ...variables, [pages.variable]: endCursor(expected.data, pages.connection) };
      }
    }

    describe.each(people)("as %s", (person) => {
      it.each(cases.map((each) => [each.operation, JSON.stringify(each.variables), each] as const))(
        "%s %s",
        async (_operation, _variables, each) => {
          expect(await agree(person, each)).toBeGreaterThan(0);
        },
      );
    });

    it("answers the flagship query for every customer of the files", async () => {
      for (const { customerNumber } of files.customers) {
        const variables = { id: importedId("customers", customerNumber!), payments: 100, orders: 100 };
        expect(await agree("admin", { operation: "customer-with-payment-history", variables })).toBe(1);
      }
    });
  },
);

it("tries every query of schema/operations", () => {
  const queries = readdirSync(folder)
    .filter((file) => file.endsWith(".graphql"))
    .map((file) => file.slice(0, -".graphql".length))
    .filter((operation) => /^query /m.test(textOf(operation)));
  expect([...new Set(cases.map(({ operation }) => operation))].toSorted()).toEqual(queries.toSorted());
});
