import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyMigrations } from "./migrate.ts";
import { createMigration, schemaDifference } from "./new-migration.ts";
import { migrationsOf, useDatabases } from "./test-databases.ts";

const databases = useDatabases();

test.for(["customer", "order", "payment", "history"])(
  "%s: the migrations of the repository make its schema.prisma, triggers and sequences notwithstanding",
  async (context) => {
    expect(await schemaDifference({ context })).toBeNull();
  },
);

test("a change of schema.prisma becomes a migration that applies", async () => {
  const dir = databases.copyOf("order");
  const url = await databases.create();
  await applyMigrations({ dir, url });
  const file = join(dir, "schema.prisma");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace("comments     String?", "comments String?\n  channel String?"),
  );

  const made = await createMigration({ dir, name: "Order channel!", now: new Date("2027-02-03T04:05:06Z") });
  expect(made?.name).toBe("20270203040506_order_channel");
  expect(made?.sql).toBe('-- AlterTable\nALTER TABLE "orders" ADD COLUMN     "channel" TEXT;\n');
  expect(readFileSync(made!.file, "utf8")).toBe(made!.sql);
  expect(await applyMigrations({ dir, url })).toEqual({ applied: [made!.name] });
  expect(await createMigration({ dir, name: "again" })).toBeNull();
});

test("a new migration comes after the last one, whatever the clock says", async () => {
  const dir = databases.copyOf("order");
  const file = join(dir, "schema.prisma");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace("comments     String?", "comments String?\n  channel String?"),
  );
  const made = await createMigration({ dir, name: "channel", now: new Date("2020-01-01T00:00:00Z") });
  const last = BigInt(migrationsOf("order").at(-1)!.slice(0, 14));
  expect(made?.name).toBe(`${last + 1n}_channel`);
});

test("a schema.prisma with a fault says where", async () => {
  const dir = databases.copyOf("order");
  writeFileSync(join(dir, "schema.prisma"), "model Order {");
  await expect(createMigration({ dir, name: "x" })).rejects.toThrow(/schema\.prisma:1/);
});
