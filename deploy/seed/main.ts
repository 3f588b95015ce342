import { seed } from "@tributary/datasets";
import pg from "pg";
import { readConfig } from "./config.ts";

/** Generated rows are never mixed with others: neither with imported ones, nor with what people entered. */
async function holdsCustomers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query("SELECT FROM customers LIMIT 1")).rowCount === 1;
  } finally {
    await client.end();
  }
}

try {
  const { urls, customers } = readConfig(process.env);
  if (customers === 0) {
    console.log("No data is generated: SEED_CUSTOMERS says how many customers to make.");
  } else if (await holdsCustomers(urls.customer)) {
    console.log("There are customers: nothing is generated.");
  } else {
    const { orders, payments } = await seed({ urls, customers });
    console.log(`Generated ${customers} customers with ${orders} orders and ${payments} payments.`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
