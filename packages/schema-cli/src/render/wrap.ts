export interface WrapOptions {
  /** How many columns there are, the indent included. */
  width: number;
  indent: number;
}

/** Breaks text at spaces; its own line breaks and each line's own indent stay. A longer word stays whole. */
export function wrap(text: string, { width, indent }: WrapOptions): string[] {
  return text.split("\n").flatMap((line) => {
    const own = /^ */.exec(line)?.[0].length ?? 0;
    const margin = " ".repeat(indent + own);
    const lines: string[] = [];
    let current = "";
    for (const word of line.trim().split(/ +/)) {
      const longer = current === "" ? word : `${current} ${word}`;
      if (current !== "" && margin.length + longer.length > width) {
        lines.push(current);
        current = word;
      } else {
        current = longer;
      }
    }
    lines.push(current);
    return lines.map((each) => (margin + each).trimEnd());
  });
}
