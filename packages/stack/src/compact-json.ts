/**
 * JSON for reading: what fits a line stays on one.
 *
 * @param width in columns
 */
export function compactJson(value: unknown, width: number): string[] {
  return layOut(value, { width, indent: "", lead: 0 });
}

interface Place {
  readonly width: number;
  /** Before what follows the first line. */
  readonly indent: string;
  /** How many columns of the first line are taken, beside the indent. */
  readonly lead: number;
}

function layOut(value: unknown, { width, indent, lead }: Place): string[] {
  const flat = oneLine(value);
  if (indent.length + lead + flat.length <= width || typeof value !== "object" || value === null)
    return [flat];
  const entries = Array.isArray(value)
    ? value.map((item: unknown) => ["", item] as const)
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item as unknown] as const);
  const inner = `${indent}  `;
  const lines = entries.flatMap(([key, item], index) => {
    const [first = "", ...rest] = layOut(item, { width, indent: inner, lead: key.length + 1 });
    const whole = [`${inner}${key}${first}`, ...rest];
    if (index < entries.length - 1) whole[whole.length - 1] += ",";
    return whole;
  });
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return [open, ...lines, `${indent}${close}`];
}

function oneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
