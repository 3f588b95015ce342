import fc from "fast-check";
import { v5 } from "uuid";
import { describe, expect, it } from "vitest";
import { DATASET_NAMESPACE, generatedId, importedId } from "./ids.ts";

const seed = Number(process.env["TEST_SEED"]);

describe("ids of data sets", () => {
  it("are UUIDs v5, as the package uuid makes them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (key) => {
        expect(importedId("orders", key)).toBe(v5(`classicmodels:orders:${key}`, DATASET_NAMESPACE));
      }),
      { seed },
    );
  });

  it("stay what they are: an import into a database that has the rows must find them", () => {
    expect(importedId("customers", "103")).toBe(v5("classicmodels:customers:103", DATASET_NAMESPACE));
    expect(generatedId("customers", 1)).toBe("850a8052-addd-57ed-ab02-ce34a5a0f303");
  });
});
