const WIDTH = 80;

/** Cuts a text so that it fits into a line of 80 columns; colours take no room. */
export function clip(text: string): string {
  // oxlint-disable-next-line no-control-regex -- that is what a colour begins with
  const colours = /\x1b\[\d+m/g;
  const plain = text.replaceAll(colours, "");
  return plain.length <= WIDTH ? text : `${plain.slice(0, WIDTH - 1)}…`;
}
