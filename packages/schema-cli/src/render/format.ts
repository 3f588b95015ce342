import { UsageError } from "../result/fault.ts";
import type { Result } from "../result/finding.ts";
import { renderGithub } from "./github.ts";
import { renderGitlab } from "./gitlab.ts";
import { renderHuman } from "./human.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderSarif } from "./sarif.ts";

export interface RenderOptions {
  /** Whether the terminal takes colours; never used for files. */
  color: boolean;
  /** When the run began. */
  now: Date;
  /** The file that findings without a place are shown at where a format insists on one. */
  fallback: string;
}

const renderers = {
  human: renderHuman,
  json: renderJson,
  github: renderGithub,
  gitlab: renderGitlab,
  sarif: renderSarif,
  junit: renderJunit,
  markdown: (result) => renderMarkdown(result),
} satisfies Record<string, (result: Result, options: RenderOptions) => string>;

/** The names that `--format` takes. */
export const formatNames = Object.keys(renderers) as readonly (keyof typeof renderers)[];

/** A format and where its text goes: a file, or null for standard output. */
export interface Format {
  name: keyof typeof renderers;
  file: string | null;
}

/**
 * Reads what `--format` was given: names, or `name=FILE`.
 *
 * @throws {UsageError} for an unknown name, an empty file name, or two texts for one place
 */
export function parseFormats(values: readonly string[]): Format[] {
  const formats = values.map((value): Format => {
    const [given = "", ...rest] = value.split("=");
    const name = formatNames.find((known) => known === given);
    if (name === undefined) {
      throw new UsageError(
        `There is no format ${JSON.stringify(given)}; there are ${formatNames.join(", ")}.`,
      );
    }
    const file = rest.length === 0 ? null : rest.join("=");
    if (file === "") throw new UsageError(`--format ${name}= names no file.`);
    return { name, file };
  });
  const files = formats.map(({ file }) => file);
  const twice = files.find((file, index) => file !== null && files.indexOf(file) !== index);
  if (twice !== undefined) throw new UsageError(`--format writes ${twice} twice.`);
  const machine = formats.filter(({ name, file }) => file === null && documents.has(name));
  if (machine.length > 0 && formats.filter(({ file }) => file === null).length > 1) {
    throw new UsageError(
      `--format ${machine[0]?.name} would be mixed up with another; give it a file: =FILE.`,
    );
  }
  return formats;
}

/** Formats that are one document, and nothing if something else is printed beside it. */
const documents: ReadonlySet<string> = new Set(["json", "gitlab", "sarif", "junit"]);

/** Writes a result in a format; without a newline at the end. */
export function render(result: Result, format: Format, options: RenderOptions): string {
  const color = options.color && format.file === null;
  return renderers[format.name](result, { ...options, color });
}
