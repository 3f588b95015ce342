import { expect, test } from "vitest";
import { databaseFaultIn } from "./database-fault.ts";

const reasonOf = (error: unknown) => databaseFaultIn(error)?.reason ?? null;
const driver = (code: string, severity = "ERROR") => Object.assign(new Error("x"), { code, severity });

/** As Prisma 7 with its adapter for `pg` throws: the adapter's error is in `meta`, and may have the driver's code. */
const prisma = (code: string, cause?: Record<string, unknown>) =>
  Object.assign(new Error("\nInvalid `prisma.order.findMany()` invocation"), {
    name: "PrismaClientKnownRequestError",
    code,
    meta:
      cause === undefined
        ? {}
        : { modelName: "Order", driverAdapterError: { name: "DriverAdapterError", cause } },
  });
const adapted = (originalCode: string, severity = "ERROR") => ({
  originalCode,
  originalMessage: "x",
  kind: "postgres",
  code: originalCode,
  severity,
  message: "x",
});

test.each([
  ["08006", "cannot be reached"],
  ["25006", "takes no changes"],
  ["28P01", "does not let this service in"],
  ["3D000", "does not let this service in"],
  ["53100", "has run out of space or memory"],
  ["53200", "has run out of space or memory"],
  ["53300", "has no connection left for this service"],
  ["55P03", "is held by other work"],
  ["57014", "does not answer in time"],
  ["57P01", "ended the connection"],
  ["57P02", "ended the connection"],
  ["57P03", "is starting or stopping"],
  ["58030", "has a fault of its system"],
  ["23505", null],
  ["42601", null],
  ["22003", null],
  ["40001", null],
  ["25001", null],
  ["57000", null],
])("SQLSTATE %s, from the driver and through Prisma: %s", (code, reason) => {
  expect(reasonOf(driver(code))).toBe(reason);
  expect(reasonOf(prisma("P2010", adapted(code)))).toBe(reason);
  expect(reasonOf(prisma("P2039", adapted(code)))).toBe(reason);
});

test("a session that ended ended, whatever the code", () => {
  expect(reasonOf(driver("55000", "FATAL"))).toBe("does not let this service in");
  expect(reasonOf(driver("55000"))).toBeNull();
  expect(reasonOf(prisma("P2039", adapted("XX000", "PANIC")))).toBe("ended the connection");
  expect(reasonOf(driver("XX000"))).toBeNull();
});

test.each([
  ["DatabaseNotReachable", "cannot be reached"],
  ["ConnectionClosed", "ended the connection"],
  ["SocketTimeout", "cannot be reached"],
  ["TlsConnectionError", "cannot be reached"],
  ["UniqueConstraintViolation", null],
  ["TransactionWriteConflict", null],
])("the adapter's %s: %s", (kind, reason) => {
  expect(reasonOf(prisma("P2010", { kind }))).toBe(reason);
});

test("the adapter's kinds that come with a code of the database", () => {
  const kinds = { TooManyConnections: "53300", AuthenticationFailed: "28P01", DatabaseDoesNotExist: "3D000" };
  for (const [kind, originalCode] of Object.entries(kinds))
    expect(reasonOf(prisma("P2010", { kind, originalCode, originalMessage: "x" }))).not.toBeNull();
});

test.each(["P1001", "P1017", "P2024", "P2028", "P2037"])("Prisma's %s without a driver's error", (code) => {
  expect(reasonOf(prisma(code))).not.toBeNull();
});
test.each(["P2002", "P2025", "P2034", "P2010"])("Prisma's %s is no fault of the database", (code) => {
  expect(reasonOf(prisma(code))).toBeNull();
});

test.each([
  "timeout exceeded when trying to connect",
  "Connection terminated due to connection timeout",
  "Connection terminated unexpectedly",
  "Connection terminated",
  "timeout expired",
  "Query read timeout",
  "Client has encountered a connection error and is not queryable",
])("the driver's %s", (message) => {
  expect(reasonOf(new Error(message))).not.toBeNull();
});

test("what the system says of a connection", () => {
  const system = (code: string) => Object.assign(new Error("x"), { code, syscall: "connect", errno: -1 });
  for (const code of ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "EPIPE"])
    expect(reasonOf(system(code))).not.toBeNull();
  // Node tries all addresses of a name, and gives the errors together.
  expect(reasonOf(new AggregateError([system("ECONNREFUSED"), system("ECONNREFUSED")]))).toBe(
    "cannot be reached",
  );
  // As a file's: that is a fault of ours.
  expect(reasonOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBeNull();
});

test("circles and odd values end", () => {
  const circle: Record<string, unknown> = { message: "x" };
  circle["cause"] = circle;
  for (const value of [
    circle,
    null,
    7,
    "Connection terminated",
    { code: 7 },
    { code: "constructor", syscall: "x" },
  ])
    expect(reasonOf(value)).toBeNull();
});
