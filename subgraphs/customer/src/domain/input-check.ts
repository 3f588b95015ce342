import type { Money } from "./money.ts";

/** One fault in an input: where, as a path such as `address.postalCode`, and what. */
export interface InputFault {
  path: string;
  message: string;
}

/** An input that keeps the rules, in the form that the rules give it, or every fault that was found in it. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/**
 * Goes through an input and gathers its faults. What it returns counts only where `result` finds none. Lengths are in
 * UTF-16 code units, as JavaScript and the browsers' `maxlength` count.
 */
export interface InputCheck {
  /** Text that must be there: trimmed, at most `most` characters. */
  text(path: string, value: string, most: number): string;
  /** Text that may be left out or blank, which gives null. */
  optionalText(path: string, value: string | null | undefined, most: number): string | null;
  /** An e-mail address that may be left out. */
  email(path: string, value: string | null | undefined): string | null;
  /** An amount that is not below zero. */
  limit(path: string, value: Money): Money;
  /** The version that the client saw. */
  version(value: number): void;
  /** The idempotency key. */
  key(value: string): void;
  result<Value>(value: Value): Checked<Value>;
}

/** What a browser takes for an e-mail address (HTML, "valid e-mail address"), and the scalar `EmailAddress` with it. */
const emailPattern =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** The longest address that a mail server takes (RFC 5321, section 4.5.3.1.3, less the brackets). */
const LONGEST_EMAIL = 254;

const LONGEST_KEY = 255;

export function createInputCheck(): InputCheck {
  const faults: InputFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });

  const optionalText: InputCheck["optionalText"] = (path, value, most) => {
    const text = value?.trim() ?? "";
    if (text.length > most) fault(path, `must be at most ${most} characters`);
    if (!isStorable(text)) fault(path, "must not contain NUL or half of a surrogate pair");
    return text === "" ? null : text;
  };

  return {
    optionalText,
    text(path, value, most) {
      const text = optionalText(path, value, most);
      if (text === null) fault(path, "must not be blank");
      return text ?? "";
    },
    email(path, value) {
      const email = value?.trim() ?? "";
      if (email === "") return null;
      if (!emailPattern.test(email)) fault(path, "must be an e-mail address, such as name@example.com");
      else if (email.length > LONGEST_EMAIL) fault(path, `must be at most ${LONGEST_EMAIL} characters`);
      return email;
    },
    limit(path, { amountMinor, currency }) {
      if (amountMinor < 0) fault(`${path}.amountMinor`, "must not be below zero");
      return { amountMinor, currency };
    },
    version(value) {
      if (value < 1) fault("expectedVersion", "must be at least 1");
    },
    key(value) {
      const { length } = value;
      if (length < 1 || length > LONGEST_KEY)
        fault("idempotencyKey", `must be 1 to ${LONGEST_KEY} characters`);
      if (!isStorable(value)) fault("idempotencyKey", "must not contain NUL or half of a surrogate pair");
    },
    result: (value) => (faults.length === 0 ? { ok: true, value } : { ok: false, faults }),
  };
}

/** PostgreSQL stores any text but NUL and what is not Unicode. */
function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
