import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execFile } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig as readSeedConfig } from "./seed/config.ts";
import { readDatabaseUrlFiles } from "./settings/database-url-files.ts";
import { readConfig as readTokenConfig } from "./token/config.ts";

const root = path.resolve(import.meta.dirname, "..");
const cleanUp: (() => void)[] = [];
afterEach(() => cleanUp.splice(0).forEach((undo) => undo()));

describe("database URLs in files", () => {
  function fileWith(text: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), "tributary-settings-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "url");
    writeFileSync(file, text);
    return file;
  }

  test("become the settings that are named like them", () => {
    const file = fileWith("postgresql://order@database/order\n");
    expect(
      readDatabaseUrlFiles({
        DATABASE_URL_FILE: file,
        ORDER_DATABASE_URL_FILE: file,
        SSL_CERT_FILE: "/no/such",
      }),
    ).toEqual({
      DATABASE_URL: "postgresql://order@database/order",
      ORDER_DATABASE_URL: "postgresql://order@database/order",
    });
  });

  test("name the broker, unless another one is named", () => {
    const file = fileWith("postgresql://broker@database/broker");
    expect(readDatabaseUrlFiles({ BROKER_URL: "", BROKER_URL_FILE: file })).toEqual({
      BROKER_URL: "postgresql://broker@database/broker",
    });
    expect(readDatabaseUrlFiles({ BROKER_URL: "nats://nats:4222", BROKER_URL_FILE: file })).toEqual({});
  });

  test("are refused with all that is wrong with them", () => {
    const environment = {
      DATABASE_URL: "postgresql://a",
      DATABASE_URL_FILE: fileWith("postgresql://b"),
      ORDER_DATABASE_URL_FILE: "/no/such",
      PAYMENT_DATABASE_URL_FILE: fileWith("\n"),
    };
    expect(() => readDatabaseUrlFiles(environment)).toThrow(
      /^DATABASE_URL_FILE: DATABASE_URL is set too.*\nORDER_DATABASE_URL_FILE: .*ENOENT.*\nPAYMENT_DATABASE_URL_FILE: .* is empty$/,
    );
  });
});

describe("how many customers are generated", () => {
  const urls = { CUSTOMER_DATABASE_URL: "a", ORDER_DATABASE_URL: "b", PAYMENT_DATABASE_URL: "c" };

  test.each([
    ["1,000 in a trial", {}, 1000],
    ["as many as asked for", { SEED_CUSTOMERS: "20" }, 20],
    ["none where none are asked for", { SEED_CUSTOMERS: "0" }, 0],
    ["none in production", { NODE_ENV: "production" }, 0],
    ["none beside an identity provider", { GATEWAY_ISSUER: "https://id.example" }, 0],
    [
      "even beside an identity provider, when asked for",
      { GATEWAY_ISSUER: "https://id.example", SEED_CUSTOMERS: "5" },
      5,
    ],
  ])("%s", (_, environment, customers) => {
    expect(readSeedConfig({ ...urls, ...environment }).customers).toBe(customers);
  });

  test("every fault is named", () => {
    expect(() => readSeedConfig({ SEED_CUSTOMERS: "many" })).toThrow(
      /CUSTOMER_DATABASE_URL.*\n.*ORDER_DATABASE_URL.*\n.*PAYMENT_DATABASE_URL.*\n.*SEED_CUSTOMERS/,
    );
  });
});

describe("a token for the trial", () => {
  const environment = { ISSUER_KEY: "/key" };

  test("is for a person, and for a customer that was named", () => {
    const id = "0b0e7b2c-1f0e-5c0e-8a39-1d2f3a4b5c6d";
    expect(readTokenConfig(["customer", "--customer", id], environment)).toEqual({
      person: "customer",
      customerId: id,
      issuerKey: "/key",
    });
    expect(readTokenConfig(["support"], environment).person).toBe("support");
  });

  test.each([
    [["nobody"]],
    [[]],
    [["support", "finance"]],
    [["customer", "--customer", "103"]],
    [["admin", "--all"]],
  ])("is not made of %j", (args) => {
    expect(() => readTokenConfig(args, environment)).toThrow(
      /usage: token customer\|support\|finance\|admin/,
    );
  });

  test("is refused in production, and beside an identity provider", () => {
    for (const setting of [{ NODE_ENV: "production" }, { GATEWAY_ISSUER: "https://id.example" }]) {
      expect(() => readTokenConfig(["admin"], { ...environment, ...setting })).toThrow(/identity provider/);
    }
  });
});

describe("the health check", () => {
  function check(url: string): Promise<{ code: number; output: string }> {
    return new Promise((done) => {
      execFile(process.execPath, [path.join(root, "deploy/health.mjs"), url], (error, output) =>
        done({ code: error === null ? 0 : Number(error.code), output }),
      );
    });
  }

  async function answering(status: number): Promise<string> {
    const server: Server = createServer((_, response) => response.writeHead(status).end("what it said"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    cleanUp.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  test("passes for 200 alone", async () => {
    expect(await check(await answering(200))).toEqual({ code: 0, output: "" });
    expect(await check(await answering(503))).toEqual({ code: 1, output: "503 what it said\n" });
  });

  test("fails where nothing listens", async () => {
    const url = await answering(200);
    cleanUp.splice(0).forEach((undo) => undo());
    expect(await check(url)).toMatchObject({ code: 1, output: expect.stringContaining("ECONNREFUSED") });
  });
});
