export { SAMPLE_CUSTOMER } from "./seed/customer-plan.ts";
export { generatedCustomerNumber } from "./seed/customers.ts";
export type { SeedOptions, SeedResult } from "./seed/seed.ts";
export { seed } from "./seed/seed.ts";
export { generatedId, importedId } from "./ids.ts";
export type { Context, DatabaseUrls } from "./transactions.ts";
