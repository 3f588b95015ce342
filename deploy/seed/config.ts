import type { DatabaseUrls } from "@tributary/datasets";

/** How many customers a trial starts with. */
const trialCustomers = 1_000;

export interface SeedConfig {
  readonly urls: DatabaseUrls;
  /** 0 leaves the databases as they are. */
  readonly customers: number;
}

/**
 * Reads how many customers to generate: SEED_CUSTOMERS, else some for a trial, and none where an identity provider is
 * named or NODE_ENV is production.
 *
 * @param environment such as `process.env`
 * @throws Error that lists every fault by the setting's name
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SeedConfig {
  const faults: string[] = [];
  const url = (name: string): string => {
    const value = environment[name];
    if (!value) faults.push(`${name}: is needed`);
    return value ?? "";
  };
  const urls = {
    customer: url("CUSTOMER_DATABASE_URL"),
    order: url("ORDER_DATABASE_URL"),
    payment: url("PAYMENT_DATABASE_URL"),
  };
  const trial = !environment["GATEWAY_ISSUER"] && environment["NODE_ENV"] !== "production";
  const asked = environment["SEED_CUSTOMERS"];
  if (asked && !/^\d{1,8}$/.test(asked)) faults.push("SEED_CUSTOMERS: must be a whole number, 0 to 99999999");
  if (faults.length > 0) {
    throw new Error(`The configuration has faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
  return Object.freeze({ urls, customers: asked ? Number(asked) : trial ? trialCustomers : 0 });
}
