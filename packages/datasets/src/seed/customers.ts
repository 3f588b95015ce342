import type { CreditReservationRow, CustomerRow } from "@tributary/customer/load";
import { generatedId } from "../ids.ts";
import type { CustomerPlan } from "./customer-plan.ts";
import type { OrderPlan } from "./order-plan.ts";
import { releasedAt, wasReserved } from "./order-plan.ts";
import { createRandom } from "./random.ts";

const SUSPENSIONS = ["Invoices are overdue.", "Asked for by the fraud desk.", "Company is being wound up."];

/** The number that people know a generated customer by: G-000001 is the first. */
export function generatedCustomerNumber(index: number): string {
  return `G-${String(index).padStart(6, "0")}`;
}

/** The customer's row, with a name and an address made up of their country's words. */
export function customerRow(plan: CustomerPlan): CustomerRow {
  const { country } = plan;
  const random = createRandom(0x6e616d65, plan.index);
  const first = random.pick(country.firstNames);
  const last = random.pick(country.lastNames);
  const company = `${random.pick(country.lastNames)} ${random.pick(country.companySuffixes)}`;
  const reachable = random.chance(0.95);
  return {
    id: generatedId("customers", plan.index),
    number: generatedCustomerNumber(plan.index),
    name: company,
    status: plan.status,
    suspensionReason: plan.status === "SUSPENDED" ? random.pick(SUSPENSIONS) : null,
    contactName: `${first} ${last}`,
    phone: reachable ? country.phone(random) : null,
    email: reachable ? `${ascii(first)}.${ascii(last)}@${ascii(company)}.example` : null,
    addressLine1: `${random.int(1, 400)} ${random.pick(country.streets)}`,
    addressLine2: random.chance(0.15) ? `Floor ${random.int(1, 20)}` : null,
    city: random.pick(country.cities),
    region: random.pick(country.regions),
    postalCode: country.postalCode(random),
    country: country.name,
    creditLimitMinor: plan.creditLimitMinor,
    currency: country.currency,
    version: plan.changedAt === plan.registeredAt ? 1 : 2,
    createdAt: new Date(plan.registeredAt),
    updatedAt: new Date(plan.changedAt),
  };
}

/** The credit that the customer's orders hold or held. */
export function reservationRows(plan: CustomerPlan): CreditReservationRow[] {
  const customerId = generatedId("customers", plan.index);
  return plan.orders.filter(wasReserved).map((order) => reservationRow(customerId, order));
}

function reservationRow(customerId: string, order: OrderPlan): CreditReservationRow {
  const until = releasedAt(order);
  return {
    orderId: generatedId("orders", order.key),
    customerId,
    amountMinor: order.totalMinor,
    currency: order.currency,
    status: until === null ? "HELD" : order.path === "FULFILLED" ? "SETTLED" : "RELEASED",
    version: until === null ? 1 : 2,
    createdAt: new Date(order.reservedAt),
    updatedAt: new Date(until ?? order.reservedAt),
  };
}

/** Lower-case letters, digits and hyphens of a name, fit for a mail address. */
function ascii(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/g, (run) => (/^[\u0300-\u036f]+$/.test(run) ? "" : "-"))
    .replaceAll(/^-|-$/g, "");
}
