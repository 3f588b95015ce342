import { Command } from "commander";
import { dataDirFrom, processEnvironment, seconds } from "./config.ts";
import type { PerContext } from "./contexts.ts";
import { dataDirPaths } from "./data-dir.ts";
import { StackError } from "./error.ts";
import { issueToken } from "./local-issuer.ts";
import { PEOPLE, type Person } from "./people.ts";
import { findCustomerByNumber, findSampleCustomer } from "./sample.ts";
import { readStackState, type StackState } from "./state-file.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Flags {
  customer?: string;
  ttl: number;
  data?: string;
}

async function customerOf(state: StackState, named: string | undefined): Promise<string | null> {
  const databases = state.databases as PerContext<string>;
  if (named === undefined) return state.sampleCustomerId ?? (await findSampleCustomer(databases));
  if (UUID.test(named)) return named.toLowerCase();
  const id = await findCustomerByNumber(databases.customer, named);
  if (id === null)
    throw new StackError(`there is no customer ${named}: give an id (UUID) or a customer's number`);
  return id;
}

async function print(person: Person, { customer, ttl, data }: Flags): Promise<void> {
  const paths = dataDirPaths(dataDirFrom(processEnvironment(), data));
  const state = readStackState(paths);
  if (!state.localIssuer) throw new StackError(`tokens come from ${state.issuer}, not from here`);
  if (customer !== undefined && person !== "customer")
    throw new StackError(`--customer is not for ${person}`);
  const customerId = person === "customer" ? await customerOf(state, customer) : null;
  console.log(await issueToken(paths, { person, customerId, lifetimeSeconds: ttl }));
}

const program = new Command("npm run -s token --").description(
  "Prints a bearer token of the local issuer, and nothing else, while the stack runs.",
);
program
  .addArgument(program.createArgument("<person>", "whose token").choices(PEOPLE))
  .option("--customer <id>", "which customer: an id, or a number such as G-000001")
  .option("--ttl <time>", "how long it is valid: 90s, 30m, 12h, 7d", seconds, seconds("12h"))
  .option("--data <dir>", "the stack's folder, as it was started with")
  .action(print);
await program.parseAsync().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
