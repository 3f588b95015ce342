/**
 * JSON for reading: what fits a line stays on one.
 *
 * @param width in columns
 */
export function compactJson(value: unknown, width: number, indent = ""): string[] {
  const flat = oneLine(value);
  if (indent.length + flat.length <= width || typeof value !== "object" || value === null) return [flat];
  const entries = Array.isArray(value)
    ? value.map((item) => ["", item] as const)
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item] as const);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = `${indent}  `;
  const lines = entries.flatMap(([key, item], index) => {
    const [first = "", ...rest] = compactJson(item, width - key.length - 1, inner);
    const whole = [`${inner}${key}${first}`, ...rest];
    if (index < entries.length - 1) whole[whole.length - 1] += ",";
    return whole;
  });
  return [open!, ...lines, `${indent}${close}`];
}

function oneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
