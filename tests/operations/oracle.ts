import { readFileSync } from "node:fs";
import { importedId } from "@tributary/datasets";
import {
  buildSchema,
  defaultFieldResolver,
  execute,
  GraphQLError,
  parse,
  type ExecutionResult,
} from "graphql";
import { denied, type Person } from "./access.ts";
import { historyOf, page, type PageArguments } from "./oracle-lists.ts";
import type { ClassicModels, CsvOrder, CsvPayment, CsvProduct } from "../support/classicmodels.ts";

const statuses: Record<string, string> = {
  Shipped: "FULFILLED",
  Resolved: "FULFILLED",
  Disputed: "FULFILLED",
  Cancelled: "CANCELLED",
  "In Process": "CONFIRMED",
  "On Hold": "PENDING",
};
const open = new Set(["PENDING", "CONFIRMED"]);

const midnight = (day: string) => `${day}T00:00:00.000Z`;
const text = (value: string | undefined) => value?.trim() || null;

/** Writes dollars by hand: groups of three digits, and the cents behind the point. */
function dollars(cents: bigint): object {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return {
    amountMinor: Number(cents),
    currency: "USD",
    formatted: `${cents < 0n ? "-" : ""}$${whole}.${digits.slice(-2)}`,
  };
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const within = (value: string, range?: { from?: string; to?: string }) =>
  (!range?.from || Date.parse(value) >= Date.parse(range.from)) &&
  (!range?.to || Date.parse(value) < Date.parse(range.to));

/**
 * Answers operations from the CSV files: arrays in memory, filtered and sorted in place, with money in bigint. It shares
 * with the services the API's schema and the ids of imported rows, and nothing else.
 *
 * @param self the number of the customer who asks, where a customer does
 */
export function createOracle(files: ClassicModels, person: Person, self: string) {
  const mine = (customer: string) => person !== "customer" || customer === self;
  const customers = files.customers.filter((row) => mine(row["customerNumber"]!)).map(customerOf);
  const byNumber = new Map(customers.map((customer) => [customer.number, customer]));
  const orders = files.orders.filter(({ customer }) => mine(customer)).map(orderOf);
  const payments = files.payments.filter(({ customer }) => mine(customer)).map(paymentOf);
  const products = files.products.map(productOf);

  function productOf({ code, name, price }: CsvProduct) {
    const id = importedId("products", code);
    // The files are in dollars.
    const priceIn = ({ currency }: { currency: string }) => (currency === "USD" ? dollars(price) : null);
    return { id, code, name, price: priceIn };
  }

  function customerOf(row: Record<string, string>) {
    const number = row["customerNumber"]!;
    const limit = BigInt(row["creditLimit"]!.replace(".", ""));
    const held = () =>
      sum(files.orders.filter((o) => o.customer === number && o.status === "In Process").map((o) => o.total));
    return {
      id: importedId("customers", number),
      number,
      name: row["customerName"]!.trim(),
      country: row["country"]!.trim(),
      status: "ACTIVE",
      version: 1,
      suspensionReason: null,
      // The day of the import: hidden before it is compared.
      createdAt: midnight("1970-01-01"),
      contactName: `${row["contactFirstName"]!.trim()} ${row["contactLastName"]!.trim()}`,
      phone: text(row["phone"]),
      email: null,
      address: {
        line1: text(row["addressLine1"]),
        line2: text(row["addressLine2"]),
        city: text(row["city"]),
        region: text(row["state"]),
        postalCode: text(row["postalCode"]),
        country: text(row["country"]),
      },
      creditLimit: dollars(limit),
      creditHeld: () => dollars(held()),
      creditAvailable: () => dollars(limit - held()),
      orders: (args: PageArguments) => pageOfOrders(ordersOf(number), args),
      orderSummary: () => summariseOrders(ordersOf(number)),
      payments: (args: PageArguments) => pageOfPayments(paymentsOf(number), args),
      paymentSummary: () => summarisePayments(paymentsOf(number)),
      history: () =>
        historyOf({ number, name: text(row["customerName"]) }, ordersOf(number), paymentsOf(number)),
    };
  }

  function orderOf(csv: CsvOrder) {
    const status = statuses[csv.status]!;
    const last = csv.shipped ?? csv.placed;
    const steps: Record<string, [string, string][]> = {
      FULFILLED: [
        ["ORDER_CONFIRMED", csv.placed],
        ["ORDER_FULFILLED", last],
      ],
      CANCELLED: [
        ["ORDER_CANCELLATION_REQUESTED", last],
        ["ORDER_CANCELLED", last],
      ],
      CONFIRMED: [
        ["ORDER_CREDIT_RESERVED", csv.placed],
        ["ORDER_CONFIRMED", csv.placed],
      ],
      PENDING: [],
    };
    const history = [["ORDER_CREATED", csv.placed] as const, ...steps[status]!];
    return {
      csv,
      id: importedId("orders", csv.number),
      number: csv.number,
      status,
      sourceStatus: csv.status,
      paymentTerms: "ON_ACCOUNT",
      placedAt: midnight(csv.placed),
      requiredBy: midnight(csv.required),
      fulfilledAt: status === "FULFILLED" ? midnight(last) : null,
      updatedAt: midnight(history.at(-1)![1]),
      comments: csv.comments,
      version: history.length,
      total: dollars(csv.total),
      history: history.map(([type, day], index) => ({ version: index + 1, type, occurredAt: midnight(day) })),
      lines: csv.lines.map((line) => ({
        lineNumber: line.number,
        productCode: line.product,
        productName: line.name,
        quantity: line.quantity,
        unitPrice: dollars(line.price),
        total: dollars(line.price * BigInt(line.quantity)),
      })),
      customer: (): object | undefined => byNumber.get(csv.customer),
      // The files tie no payment to an order.
      payments: (args: PageArguments) => page([], args, () => ""),
    };
  }

  function paymentOf(csv: CsvPayment) {
    return {
      csv,
      id: importedId("payments", `${csv.customer}:${csv.reference}`),
      reference: csv.reference,
      status: "CAPTURED",
      method: "CHEQUE",
      declineReason: null,
      amount: dollars(csv.amount),
      captured: dollars(csv.amount),
      refunded: dollars(0n),
      requestedAt: midnight(csv.date),
      capturedAt: midnight(csv.date),
      version: 3,
      order: null,
      customer: (): object | undefined => byNumber.get(csv.customer),
      ledger: ["AUTHORISATION", "CAPTURE"].map((type, index) => ({
        sequence: index + 1,
        type,
        amount: dollars(csv.amount),
        reason: null,
        occurredAt: midnight(csv.date),
      })),
    };
  }

  type Order = ReturnType<typeof orderOf>;
  type Payment = ReturnType<typeof paymentOf>;
  const ordersOf = (number: string) => orders.filter(({ csv }) => csv.customer === number);
  const paymentsOf = (number: string) => payments.filter(({ csv }) => csv.customer === number);

  function pageOfOrders(list: readonly Order[], args: PageArguments): object {
    const { status, placedAt, total } = args.filter ?? {};
    const kept = list.filter(
      (order) =>
        (!status || status.includes(order.status)) &&
        within(order.placedAt, placedAt) &&
        (total?.minMinor == null || order.csv.total >= BigInt(total.minMinor)) &&
        (total?.maxMinor == null || order.csv.total <= BigInt(total.maxMinor)),
    );
    return page(kept, args, (order) => (args.orderBy.field === "TOTAL" ? order.csv.total : order.placedAt));
  }

  function pageOfPayments(list: readonly Payment[], args: PageArguments): object {
    const { status, requestedAt, reference } = args.filter ?? {};
    const kept = list.filter(
      (payment) =>
        (!status || status.includes(payment.status)) &&
        within(payment.requestedAt, requestedAt) &&
        (reference == null || payment.reference === reference),
    );
    return page(kept, args, ({ csv, requestedAt: at }) =>
      args.orderBy.field === "AMOUNT" ? csv.amount : at,
    );
  }

  function summariseOrders(list: readonly Order[]): object {
    const total = (some: readonly Order[]) => dollars(sum(some.map(({ csv }) => csv.total)));
    const days = list.map(({ placedAt }) => placedAt).toSorted();
    return {
      currency: "USD",
      orderCount: list.length,
      ordered: total(list.filter(({ status }) => status !== "CANCELLED")),
      fulfilled: total(list.filter(({ status }) => status === "FULFILLED")),
      open: total(list.filter(({ status }) => open.has(status))),
      byStatus: ["PENDING", "CONFIRMED", "FULFILLED", "CANCELLED"]
        .map((status) => ({ status, some: list.filter((order) => order.status === status) }))
        .filter(({ some }) => some.length > 0)
        .map(({ status, some }) => ({ status, count: some.length, total: total(some) })),
      firstPlacedAt: days.at(0) ?? null,
      lastPlacedAt: days.at(-1) ?? null,
      otherCurrencies: [],
    };
  }

  function summarisePayments(list: readonly Payment[]): object {
    const last = list.toSorted((a, b) => (a.csv.date + a.id < b.csv.date + b.id ? -1 : 1)).at(-1);
    return {
      currency: "USD",
      paymentCount: list.length,
      paid: dollars(sum(list.map(({ csv }) => csv.amount))),
      refunded: dollars(0n),
      outstanding: dollars(0n),
      lastPayment: last ?? null,
      otherCurrencies: [],
    };
  }

  const root = {
    me: () => (person === "customer" ? byNumber.get(self) : null),
    customer: ({ id }: { id: string }) => customers.find((customer) => customer.id === id),
    customerByNumber: ({ number }: { number: string }) => byNumber.get(number),
    customers(args: PageArguments) {
      const { status, nameContains, country } = args.filter ?? {};
      const kept = customers.filter(
        (customer) =>
          (!status || status.includes(customer.status)) &&
          (nameContains == null || customer.name.toLowerCase().includes(nameContains.toLowerCase())) &&
          (country == null || customer.country === country),
      );
      return page(kept, args, ({ name }) => name);
    },
    order: ({ id }: { id: string }) => orders.find((order) => order.id === id),
    orderByNumber: ({ number }: { number: string }) => orders.find((order) => order.number === number),
    orders: (args: PageArguments) => pageOfOrders(orders, args),
    product: ({ code }: { code: string }) => products.find((product) => product.code === code),
    products: (args: Omit<PageArguments, "orderBy">) =>
      page(products, { ...args, orderBy: { field: "NAME", direction: "ASC" } }, ({ name }) => name),
    // Nothing is sent while data is imported.
    customerDeadLetters: () => [],
    orderDeadLetters: () => [],
    paymentDeadLetters: () => [],
    creditReservations(args: Omit<PageArguments, "orderBy">) {
      const holding = orders.filter(({ csv }) => csv.status === "In Process");
      const reservations = holding.map((order) => ({
        id: order.id,
        order,
        status: "HELD",
        amount: order.total,
      }));
      return page(reservations, { ...args, orderBy: { field: "ID", direction: "ASC" } }, ({ id }) => id);
    },
    payment: ({ id }: { id: string }) => payments.find((payment) => payment.id === id),
    payments: (args: PageArguments) => pageOfPayments(payments, args),
  };

  return {
    /** What the whole system should answer. */
    answer(operation: string, variables: Record<string, unknown>): ExecutionResult {
      return execute({
        schema: apiSchema,
        document: parse(operation),
        rootValue: root,
        variableValues: variables,
        fieldResolver(...field) {
          const { parentType, fieldName } = field[3];
          if (denied[person].has(`${parentType.name}.${fieldName}`)) {
            throw new GraphQLError("denied", { extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } });
          }
          return defaultFieldResolver(...field);
        },
      }) as ExecutionResult;
    },
  };
}

const apiSchema = buildSchema(readFileSync(new URL("../../schema/api.graphql", import.meta.url), "utf8"));
