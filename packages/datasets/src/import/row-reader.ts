/**
 * Takes values out of one row by the names of their columns, and gathers what is wrong with them. A value that is wrong
 * comes out as null or zero: a row with faults goes nowhere.
 */
export class RowReader {
  readonly faults: string[] = [];
  readonly #fields: readonly string[];
  readonly #places: ReadonlyMap<string, number>;

  /** @param places the place of each column in the row */
  constructor(fields: readonly string[], places: ReadonlyMap<string, number>) {
    this.#fields = fields;
    this.#places = places;
  }

  /** The value as it stands in the file. */
  verbatim(column: string, maxLength: number): string | null {
    const value = this.#fields[this.#places.get(column) ?? -1] ?? "";
    if (value.length > maxLength) this.faults.push(`${column} is longer than ${maxLength} characters`);
    return value === "" ? null : value;
  }

  /** Text without blanks at its ends; null where nothing is left. */
  optional(column: string, maxLength: number): string | null {
    return this.verbatim(column, maxLength)?.trim() || null;
  }

  /** Text without blanks at its ends; empty is a fault. */
  text(column: string, maxLength: number): string {
    const value = this.optional(column, maxLength);
    if (value === null) this.faults.push(`${column} is empty`);
    return value ?? "";
  }

  /** A whole number from `min` to 2^31 - 1. */
  integer(column: string, min: number): number {
    const text = this.text(column, 40);
    if (text === "") return 0;
    const value = Number(text);
    if (!/^-?\d+$/.test(text)) this.faults.push(`${column} ${quote(text)} is no whole number`);
    else if (value < min) this.faults.push(`${column} ${quote(text)} is less than ${min}`);
    else if (value > 2 ** 31 - 1) this.faults.push(`${column} ${quote(text)} is too large`);
    return value;
  }

  /**
   * An amount of at most two places, in cents, from `minMinor` to 2^53 - 1. Made by moving the point in the text: no
   * fraction is ever computed with.
   */
  amount(column: string, minMinor: number): number {
    const text = this.text(column, 40);
    if (text === "") return 0;
    const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
    if (!match) {
      this.faults.push(`${column} ${quote(text)} is no amount with two places`);
      return 0;
    }
    const minor = Number(`${match[1]}${match[2]}${(match[3] ?? "").padEnd(2, "0")}`);
    if (match[1] === "-") this.faults.push(`${column} ${quote(text)} is negative`);
    else if (minor < minMinor) this.faults.push(`${column} ${quote(text)} is not above zero`);
    else if (!Number.isSafeInteger(minor)) this.faults.push(`${column} ${quote(text)} is too large`);
    return minor;
  }

  /** As `amount`; null where the value is empty, or the file has no such column. */
  optionalAmount(column: string, minMinor: number): number | null {
    return this.optional(column, 40) === null ? null : this.amount(column, minMinor);
  }

  /** A day, YYYY-MM-DD. */
  day(column: string): string {
    return this.#checkDay(column, this.text(column, 40)) ?? "";
  }

  optionalDay(column: string): string | null {
    return this.#checkDay(column, this.optional(column, 40) ?? "");
  }

  #checkDay(column: string, text: string): string | null {
    if (text === "") return null;
    // An impossible day, such as the 30th of February, is moved to another one by Date, or is none at all.
    const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
    if (at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)) return text;
    this.faults.push(`${column} ${quote(text)} is no day (YYYY-MM-DD)`);
    return null;
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
