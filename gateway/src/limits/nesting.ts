/**
 * Tells whether the brackets of a document nest deeper than so many levels, in a time in proportion to its length: the
 * parser, and all that walks what it makes, takes some of the stack for each level. Brackets in strings and comments
 * nest nothing (GraphQL specification, section 2.1).
 *
 * @param source whether it is GraphQL or not
 */
export function nestsDeeper(source: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    switch (source[at]) {
      case "{":
      case "[":
      case "(":
        if (++depth > levels) return true;
        break;
      case "}":
      case "]":
      case ")":
        depth--;
        break;
      case '"':
        at = source.startsWith('"""', at) ? endOfBlockString(source, at) : endOfString(source, at);
        break;
      case "#":
        while (at < source.length && source[at] !== "\n" && source[at] !== "\r") at++;
        break;
      default:
    }
  }
  return false;
}

/** Where a string ends that begins at a place: at its quote, or where its line ends. */
function endOfString(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    const character = source[at];
    if (character === "\\") at++;
    else if (character === '"' || character === "\n" || character === "\r") return at;
  }
  return source.length;
}

function endOfBlockString(source: string, start: number): number {
  let end = source.indexOf('"""', start + 3);
  while (end > 0 && source[end - 1] === "\\") end = source.indexOf('"""', end + 3);
  return end < 0 ? source.length : end + 2;
}

/** What is wrong with a value of JSON, whatever it is for. */
export type ValueFault = "too deep" | "not finite";

/**
 * Looks for lists and objects that nest deeper than so many levels, and for numbers beyond those of a double, which JSON
 * reads as infinite and writes as null.
 *
 * @param value as `JSON.parse` makes it
 */
export function findValueFault(value: unknown, levels: number): ValueFault | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : "not finite";
  if (typeof value !== "object" || value === null) return null;
  if (levels === 0) return "too deep";
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = findValueFault(item, levels - 1);
      if (fault !== null) return fault;
    }
    return null;
  }
  // Faster than with a list of the values: this is done for every request with variables.
  for (const name in value) {
    const fault = findValueFault((value as Readonly<Record<string, unknown>>)[name], levels - 1);
    if (fault !== null) return fault;
  }
  return null;
}
