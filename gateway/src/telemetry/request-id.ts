import { randomUUID } from "node:crypto";

const sane = /^[A-Za-z0-9._:-]{1,128}$/;

/** The request's id: the client's own where it is a plain token, else a new UUID. It goes into logs and headers. */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" && sane.test(header) ? header : randomUUID();
}
