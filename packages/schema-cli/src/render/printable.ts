/**
 * Text without what a terminal or a CI's log would act on: escape sequences and other control characters are shown as
 * `\u001b`, and a line that would start a command of GitHub's (`::error::`) no longer does. Line breaks and tabs stay.
 * Text comes from schemas, which anybody may send in.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/^(\s*)::/gm, "$1: :")
    .replaceAll(
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
