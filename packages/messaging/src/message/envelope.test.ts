import { expect, test } from "vitest";
import { createEnvelope, EnvelopeError, parseEnvelope } from "./envelope.ts";

const parts = {
  type: "CreditReserved",
  aggregateType: "credit-reservation",
  aggregateId: "o-1",
  aggregateVersion: 1,
  data: { amountMinor: 5 },
};
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("a message that another one caused has its correlation and its trace, and names it as the cause", () => {
  const command = createEnvelope({ ...parts, correlationId: "order-1", traceparent: TRACE });
  const reply = createEnvelope({ ...parts, cause: command });
  expect(reply).toMatchObject({ correlationId: "order-1", causationId: command.id, traceparent: TRACE });
  expect(reply.id > command.id).toBe(true);
  expect(parseEnvelope(JSON.parse(JSON.stringify(reply)))).toEqual(reply);
});

test("every fault is listed", () => {
  const broken = {
    ...createEnvelope({ ...parts, correlationId: "o" }),
    id: "x",
    schemaVersion: 0,
    traceparent: "y",
    data: undefined,
  };
  expect(() => parseEnvelope(broken)).toThrow(EnvelopeError);
  expect(() => parseEnvelope(broken)).toThrow(
    /^not a message: id: .*; schemaVersion: .*; traceparent: .*; data: /,
  );
  for (const value of [null, 1, "text", []])
    expect(() => parseEnvelope(value)).toThrow("not a message: it: ");
});

test("a message needs a correlation where nothing caused it", () => {
  expect(() => createEnvelope(parts)).toThrow("correlationId");
});
