/** One fault in an input: where, as a path such as `address.postalCode`, and what. */
export interface InputFault {
  path: string;
  message: string;
}

/** Answers that refuse a mutation, one per type of the schema that implements `MutationFailure`. */
export const failures = {
  invalidInput: (faults: readonly InputFault[]) => ({
    __typename: "InvalidInput" as const,
    message: faults.length === 1 ? "The input has a fault." : `The input has ${faults.length} faults.`,
    faults: [...faults],
  }),
  staleVersion: (expectedVersion: number, actualVersion: number) => ({
    __typename: "StaleVersion" as const,
    message: `The record has changed since version ${expectedVersion}: it is at version ${actualVersion} now.`,
    expectedVersion,
    actualVersion,
  }),
  notFound: (id: string) => ({
    __typename: "NotFound" as const,
    message: "There is no such record.",
    id,
  }),
  illegalState: (state: string, message: string) => ({ __typename: "IllegalState" as const, message, state }),
  currencyMismatch: (expected: string, actual: string) => ({
    __typename: "CurrencyMismatch" as const,
    message: `The amount must be in ${expected}, not in ${actual}.`,
    expected,
    actual,
  }),
  idempotencyKeyReused: (idempotencyKey: string) => ({
    __typename: "IdempotencyKeyReused" as const,
    message: "This idempotency key was used before with another input. Use a new key for a new change.",
    idempotencyKey,
  }),
};
