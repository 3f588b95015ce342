#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { runCompose } from "./commands/compose.ts";
import { disk } from "./commands/disk.ts";
import { renderHuman } from "./render/human.ts";
import { UsageError, exitCodes } from "./result/fault.ts";
import { type Result, passed } from "./result/finding.ts";

const color = (process.stdout.isTTY && !process.env.NO_COLOR) || Boolean(process.env.FORCE_COLOR);

function report(result: Result): void {
  console.log(renderHuman(result, { color }));
  process.exitCode = passed(result) ? exitCodes.passed : exitCodes.findings;
}

const program = new Command("schema")
  .description("Works on the schemas of federated subgraphs.")
  .exitOverride()
  .showHelpAfterError("(`schema --help` lists the commands)");

program
  .command("compose")
  .description("Composes the subgraphs and writes the supergraph and the API schema.")
  .option("--config <file>", "the configuration", "schema/schema.config.ts")
  .option("--frozen", "write nothing; fail where a composed file is not up to date", false)
  .action(async (options: { config: string; frozen: boolean }) => report(await runCompose(disk, options)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  } else if (error instanceof UsageError) {
    console.error(error.message);
    process.exitCode = exitCodes.usage;
  } else {
    console.error(`schema: could not check: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = exitCodes.unchecked;
  }
}
