export interface WrapOptions {
  /** How many columns there are, the indent included. */
  width: number;
  indent: number;
}

/** Breaks text at spaces, and words that are wider than a line; its own line breaks and each line's own indent stay. */
export function wrap(text: string, { width, indent }: WrapOptions): string[] {
  return text.split("\n").flatMap((line) => {
    const own = Math.min(/^ */.exec(line)?.[0].length ?? 0, width >> 1);
    const margin = " ".repeat(indent + own);
    const room = Math.max(1, width - margin.length);
    const lines: string[] = [];
    let current = "";
    for (const word of line
      .trim()
      .split(/ +/)
      .flatMap((each) => pieces(each, room))) {
      const longer = current === "" ? word : `${current} ${word}`;
      if (current !== "" && longer.length > room) {
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

function pieces(word: string, size: number): string[] {
  if (word.length <= size) return [word];
  return Array.from({ length: Math.ceil(word.length / size) }, (_, index) =>
    word.slice(index * size, (index + 1) * size),
  );
}
