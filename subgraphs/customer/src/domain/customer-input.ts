import type { PostalAddress } from "./customer.ts";
import { createInputCheck, type Checked, type InputCheck } from "./input-check.ts";
import type { Money } from "./money.ts";

type Maybe<Value> = Value | null | undefined;

/** What a client sends to register a customer. */
export interface RegistrationInput {
  readonly name: string;
  readonly contactName?: Maybe<string>;
  readonly phone?: Maybe<string>;
  readonly email?: Maybe<string>;
  readonly address?: Maybe<{
    readonly line1: string;
    readonly line2?: Maybe<string>;
    readonly city: string;
    readonly region?: Maybe<string>;
    readonly postalCode?: Maybe<string>;
    readonly country: string;
  }>;
  readonly creditLimit: Money;
  readonly idempotencyKey: string;
}

/** What every change of a customer who exists says. */
export interface ChangeInput {
  readonly customerId: string;
  readonly expectedVersion: number;
  readonly idempotencyKey: string;
}

/** A registration without faults: texts are trimmed, and what was left blank is null. */
export interface Registration {
  readonly name: string;
  readonly contactName: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly address: PostalAddress | null;
  readonly creditLimit: Money;
}

/** @returns the registration, or every fault in it */
export function checkRegistration(input: RegistrationInput): Checked<Registration> {
  const check = createInputCheck();
  const { address } = input;
  check.key(input.idempotencyKey);
  return check.result({
    name: check.text("name", input.name, 200),
    contactName: check.optionalText("contactName", input.contactName, 200),
    phone: check.optionalText("phone", input.phone, 50),
    email: check.email("email", input.email),
    address: address
      ? {
          line1: check.text("address.line1", address.line1, 200),
          line2: check.optionalText("address.line2", address.line2, 200),
          city: check.text("address.city", address.city, 100),
          region: check.optionalText("address.region", address.region, 100),
          postalCode: check.optionalText("address.postalCode", address.postalCode, 20),
          country: check.text("address.country", address.country, 100),
        }
      : null,
    creditLimit: check.limit("creditLimit", input.creditLimit),
  });
}

/** A change without faults: which customer, and the version that the client saw. */
export type Change<Rest = object> = Omit<ChangeInput, "idempotencyKey"> & Rest;

/** @returns the change with the new limit, or every fault in it */
export function checkCreditLimitChange(
  input: ChangeInput & { readonly creditLimit: Money },
): Checked<Change<{ readonly creditLimit: Money }>> {
  const { check, change } = checkChange(input);
  return check.result({ ...change, creditLimit: check.limit("creditLimit", input.creditLimit) });
}

/** @returns the change with the reason, or every fault in it */
export function checkSuspension(
  input: ChangeInput & { readonly reason: string },
): Checked<Change<{ readonly reason: string }>> {
  const { check, change } = checkChange(input);
  return check.result({ ...change, reason: check.text("reason", input.reason, 1000) });
}

/** @returns the change, or every fault in it */
export function checkReinstatement(input: ChangeInput): Checked<Change> {
  const { check, change } = checkChange(input);
  return check.result(change);
}

function checkChange({ customerId, expectedVersion, idempotencyKey }: ChangeInput): {
  check: InputCheck;
  change: Change;
} {
  const check = createInputCheck();
  check.version(expectedVersion);
  check.key(idempotencyKey);
  return { check, change: { customerId, expectedVersion } };
}
