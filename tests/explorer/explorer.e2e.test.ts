import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startStack, type Stack } from "@tributary/stack";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const browser = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((file) => file !== undefined && existsSync(file));

describe.skipIf(!browser)(
  `the explorer in a browser${browser ? "" : " (left out: no Chromium found; set CHROMIUM_PATH)"}`,
  () => {
    let stack: Stack;
    let context: BrowserContext;
    let profile: string;
    let page: Page;
    const requested: string[] = [];
    const complaints: string[] = [];

    beforeAll(async () => {
      profile = mkdtempSync(path.join(tmpdir(), "tributary-browser-"));
      stack = await startStack({ seedCustomers: 20 });
      context = await chromium.launchPersistentContext(profile, {
        executablePath: browser!,
        headless: true,
        permissions: ["clipboard-read", "clipboard-write"],
        viewport: { width: 1400, height: 900 },
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
        ],
      });
      page = await context.newPage();
      // How long a page takes on a busy machine is not what is tested.
      page.setDefaultTimeout(0);
      page.on("request", (request) => requested.push(request.url()));
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
    });

    afterAll(async () => {
      await context?.close();
      await stack?.stop();
      if (profile) rmSync(profile, { recursive: true, force: true });
    });

    /** Replaces what an editor holds, as somebody does who pastes. */
    async function fill(editor: string, text: string): Promise<void> {
      await page.locator(editor).first().click();
      await page.keyboard.press("ControlOrMeta+A");
      // Typed, a bracket would be closed by the editor as well.
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.keyboard.press("ControlOrMeta+V");
    }

    it("runs the flagship query, and asks nobody but the gateway for anything", async () => {
      await page.goto(`${stack.gatewayUrl}/explorer`);
      await page.getByRole("button", { name: "Headers", exact: true }).click();
      await fill(
        ".graphiql-editor-tool .monaco-editor >> visible=true",
        `{ "Authorization": "Bearer ${await stack.token("customer")}" }`,
      );
      await page.getByRole("button", { name: "Variables", exact: true }).click();
      await fill(
        ".graphiql-editor-tool .monaco-editor >> visible=true",
        JSON.stringify({ id: stack.sampleCustomerId, orders: 1, payments: 1 }),
      );

      // The explorer opens with the flagship query.
      await page.locator(".graphiql-query-editor").getByText("CustomerWithPaymentHistory").first().waitFor();
      const [answer] = await Promise.all([
        page.waitForResponse(
          (response) =>
            response.url().endsWith("/graphql") &&
            (response.request().postData() ?? "").includes("CustomerWithPaymentHistory"),
        ),
        page.locator(".graphiql-execute-button").click(),
      ]);
      const { data, errors } = (await answer.json()) as {
        data: { customer: { id: string; name: string } };
        errors?: unknown;
      };
      expect(errors).toBeUndefined();
      expect(data.customer.id).toBe(stack.sampleCustomerId);
      // What the answer says is what the page shows.
      await page.locator(".graphiql-response").getByText(data.customer.name).first().waitFor();

      const foreign = requested.filter(
        (url) => /^https?:/.test(url) && !url.startsWith(`${stack.gatewayUrl}/`),
      );
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
      const shot = process.env["EXPLORER_SCREENSHOT"];
      if (shot) await page.screenshot({ path: shot });
    });
  },
);
