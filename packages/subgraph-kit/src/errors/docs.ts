import { readFile, writeFile } from "node:fs/promises";
import { errorCodes } from "./codes.ts";

const documentUrl = new URL("../../../../docs/errors.md", import.meta.url);

const origins = {
  gateway: "the gateway",
  subgraph: "a service",
  both: "the gateway or a service",
  apollo: "Apollo Server, in the gateway or a service",
};

/** The whole text of `docs/errors.md`, made from the table of codes. */
export function renderErrorDocs(): string {
  const sections = Object.entries(errorCodes).map(
    ([code, { meaning, action, origin }]) =>
      `## ${code}\n\n${meaning}\n\n- **What to do:** ${action}\n- **Made by:** ${origins[origin]}\n`,
  );
  return [
    "# Error codes",
    "",
    "Generated from `packages/subgraph-kit/src/errors/codes.ts` by `node packages/subgraph-kit/src/errors/docs.ts`;",
    "`--check` fails where this page is out of date.",
    "",
    "Every error of an answer has one of these codes in `extensions.code`. Errors about a service carry its name in",
    "`extensions.service`.",
    "",
    sections.join("\n"),
  ].join("\n");
}

if (import.meta.main) {
  const text = renderErrorDocs();
  if (process.argv.includes("--check")) {
    const current = await readFile(documentUrl, "utf8").catch(() => "");
    if (current !== text) {
      console.error("docs/errors.md is out of date: run `node packages/subgraph-kit/src/errors/docs.ts`.");
      process.exitCode = 1;
    }
  } else {
    await writeFile(documentUrl, text);
  }
}
