const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/**
 * The texts of an array's items. What the items are is for those to find out who read them: nothing but the array around
 * them is looked at, so that they are not parsed twice.
 *
 * @returns null where the text is no JSON array; it may not be JSON all the same
 */
export function splitJsonArray(text: string): string[] | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("[") || !trimmed.endsWith("]")) return null;
  const items: string[] = [];
  let depth = 0;
  let start = 1;
  const end = trimmed.length - 1;
  for (let position = 1; position < end; position++) {
    const code = trimmed.charCodeAt(position);
    if (code === QUOTE) {
      position = endOfString(trimmed, position);
      if (position === -1) return null;
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      if (--depth < 0) return null;
    } else if (code === COMMA && depth === 0) {
      items.push(trimmed.slice(start, position));
      start = position + 1;
    }
  }
  if (depth !== 0) return null;
  const last = trimmed.slice(start, end);
  if (items.length > 0 || last.trim() !== "") items.push(last);
  return items;
}

/** Where the string that begins at a quote ends, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}
