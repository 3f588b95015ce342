import {
  loadCreditReservations,
  loadCustomers,
  reconcileCreditReservations,
  reconcileCustomers,
} from "@tributary/customer/load";
import { loadOrders, loadProducts, reconcileOrders } from "@tributary/order/load";
import { loadPayments, reconcilePayments } from "@tributary/payment/load";
import type { ClientBase } from "pg";
import type { DatabaseClients, DatabaseUrls } from "../transactions.ts";
import { createClient, inTransactions } from "../transactions.ts";
import { toCustomer, toOrder, toPayment, toProduct, toReservation } from "./convert.ts";
import { STATUSES } from "./file-specs.ts";
import { ImportError } from "./import-error.ts";
import type { FileFigures, Reconciliation, ServiceFigures } from "./reconciliation.ts";
import { reconcile } from "./reconciliation.ts";
import { viewReconciliation } from "./reconciliation-view.ts";
import { writeRejects } from "./reject-file.ts";
import { resolveRows } from "./resolve.ts";
import type { FileTally } from "./stage-files.ts";
import { checkFiles, stageFiles } from "./stage-files.ts";
import {
  stagedCustomers,
  stagedOrders,
  stagedPayments,
  stagedProducts,
  stagedReservations,
} from "./staged-rows.ts";

export interface ImportOptions {
  /** Where customers.csv, products.csv, orders.csv, orderdetails.csv and payments.csv are. */
  readonly dir: string;
  readonly urls: DatabaseUrls;
  /** The file that rejected rows are written to. */
  readonly rejects: string;
  /** Rows that are rejected keep the others from being loaded. */
  readonly strict?: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  /** `read`: bytes of the files. `load`: rows for the databases. `check`: nothing is counted. */
  readonly step: "read" | "load" | "check";
  /** A file, or a table. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Imports a directory in the format of Classic Models.
 *
 * Rows are read into temporary tables, so that memory is bounded and the files may be in any order; what is sound goes to
 * each database by its own loader, in one transaction each. They are committed when what stands in their tables agrees
 * with the files, to the cent. A process that dies before leaves nothing; one that dies between two of the three commits
 * leaves whole databases, and a second run adds the others. A second run otherwise changes nothing.
 *
 * @throws {ImportError} BAD_INPUT, NOT_RECONCILED, or REJECTED_ROWS where `strict`; the databases' errors
 */
export async function importDirectory(options: ImportOptions): Promise<Reconciliation> {
  const bytes = await checkFiles(options.dir);
  // A session of its own for what is read, and for nothing else: loaders write while it is read back.
  const staging = createClient(options.urls.order);
  await staging.connect();
  const abort = (): void => void staging.end();
  options.signal?.addEventListener("abort", abort);
  try {
    let done = 0;
    const tallies = await stageFiles(staging, options.dir, (what, chunk) => {
      done += chunk;
      options.onProgress?.({ step: "read", what, done, total: bytes });
    });
    await resolveRows(staging);
    const rejected = await countRejects(staging);
    const count = [...rejected.values()].reduce((sum, { rows }) => sum + rows, 0);
    await writeRejects(staging, options.rejects, count);
    if (options.strict && count > 0) {
      throw new ImportError(
        "REJECTED_ROWS",
        `${count} rows are rejected, so nothing was loaded; see ${options.rejects}`,
      );
    }
    const work = (clients: DatabaseClients): Promise<Reconciliation> =>
      load({ clients, staging, tallies, rejected, options });
    return await inTransactions(options.urls, work, options.signal);
  } finally {
    options.signal?.removeEventListener("abort", abort);
    await staging.end();
  }
}

interface Loading {
  readonly clients: DatabaseClients;
  readonly staging: ClientBase;
  readonly tallies: readonly FileTally[];
  readonly rejected: ReadonlyMap<string, { rows: number; minor: bigint }>;
  readonly options: ImportOptions;
}

async function load({ clients, staging, tallies, rejected, options }: Loading): Promise<Reconciliation> {
  const importedAt = new Date();
  const left = (file: string): { rows: number; minor: bigint } => {
    const tally = tallies.find((each) => each.file === file)!;
    const gone = rejected.get(file) ?? { rows: 0, minor: 0n };
    return { rows: tally.rows - gone.rows, minor: (tally.amountMinor ?? 0n) - gone.minor };
  };
  const reporting = async function* <S, T>(rows: AsyncIterable<S>, what: string, convert: (row: S) => T) {
    const total = left(`${what}.csv`).rows;
    let done = 0;
    for await (const row of rows) {
      yield convert(row);
      if (++done % 100 === 0 || done === total) options.onProgress?.({ step: "load", what, done, total });
    }
  };
  const inProcess = Object.keys(STATUSES).find((status) => STATUSES[status] === "CONFIRMED")!;

  const customers = await loadCustomers(
    clients.customer,
    reporting(stagedCustomers(staging), "customers", (row) => toCustomer(row, importedAt)),
  );
  let heldMinor = 0n;
  const holding = async function* () {
    for await (const row of stagedReservations(staging, inProcess)) {
      heldMinor += BigInt(row.total);
      yield toReservation(row);
    }
  };
  const reservations = await loadCreditReservations(clients.customer, holding());
  const products = await loadProducts(
    clients.order,
    reporting(stagedProducts(staging), "products", toProduct),
  );
  const orders = await loadOrders(clients.order, reporting(stagedOrders(staging), "orders", toOrder));
  const payments = await loadPayments(
    clients.payment,
    reporting(stagedPayments(staging), "payments", toPayment),
  );

  options.onProgress?.({ step: "check", what: "", done: 0, total: 0 });
  const standing = {
    customers: await reconcileCustomers(clients.customer),
    reservations: await reconcileCreditReservations(clients.customer),
    orders: await reconcileOrders(clients.order),
    payments: await reconcilePayments(clients.payment),
  };
  const lines = left("orderdetails.csv");
  const held = reservations.inserted + reservations.unchanged;
  const services: ServiceFigures[] = [
    compare(["customer", "credit limits"], left("customers.csv"), standing.customers),
    compare(["customer", "credit held"], { rows: held, minor: heldMinor }, standing.reservations),
    compare(["order", "orders"], { rows: left("orders.csv").rows, minor: lines.minor }, standing.orders),
    compare(["order", "order lines"], lines, {
      standing: standing.orders.lines,
      standingMinor: standing.orders.linesMinor,
    }),
    compare(["payment", "payments"], left("payments.csv"), standing.payments),
    compare(["payment", "captured"], left("payments.csv"), {
      standing: standing.payments.ledgerCaptures,
      standingMinor: standing.payments.ledgerCapturedMinor,
    }),
  ];
  const added: Readonly<Record<string, number>> = {
    "customers.csv": customers.inserted,
    "products.csv": products.inserted,
    "orders.csv": orders.inserted,
    "orderdetails.csv": orders.insertedLines,
    "payments.csv": payments.inserted,
  };
  const files = tallies.map(({ file, rows, amountMinor }): FileFigures => {
    const kept = left(file).rows;
    const isNew = added[file] ?? null;
    return {
      file,
      read: rows,
      added: isNew,
      unchanged: isNew === null ? null : kept - isNew,
      rejected: rows - kept,
      readMinor: amountMinor,
      rejectedMinor: rejected.get(file)?.minor ?? 0n,
    };
  });
  const reconciliation = reconcile(files, services);
  if (!reconciliation.agrees) {
    const view = viewReconciliation(reconciliation).join("\n");
    throw new ImportError(
      "NOT_RECONCILED",
      `the databases and the files do not agree, so nothing was loaded:\n\n${view}`,
    );
  }
  return reconciliation;
}

function compare(
  [service, what]: readonly [string, string],
  files: { rows: number; minor: bigint },
  found: { standing: number; standingMinor: bigint; changedSince?: number; differing?: readonly string[] },
): ServiceFigures {
  return {
    service,
    what,
    expected: files.rows,
    standing: found.standing,
    expectedMinor: files.minor,
    standingMinor: found.standingMinor,
    changedSince: found.changedSince ?? 0,
    differing: found.differing ?? [],
  };
}

/** How many rows of each file are rejected, and what their amounts add up to, where they could be read. */
async function countRejects(client: ClientBase): Promise<Map<string, { rows: number; minor: bigint }>> {
  const { rows } = await client.query<{ file: string; rows: string; minor: string }>(
    "SELECT file, count(*) AS rows, coalesce(sum(minor), 0)::text AS minor FROM rejects GROUP BY file",
  );
  return new Map(rows.map((row) => [row.file, { rows: Number(row.rows), minor: BigInt(row.minor) }]));
}
