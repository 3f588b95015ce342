import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CsvRecord } from "./csv-reader.ts";
import { readCsv } from "./csv-reader.ts";

const seed = Number(process.env["TEST_SEED"]);

async function read(bytes: Uint8Array, chunkSize = Infinity): Promise<CsvRecord[]> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
  };
  return Array.fromAsync(readCsv(chunks()));
}

const readText = (text: string, chunkSize?: number) => read(Buffer.from(text), chunkSize);

/** What a test says of a record: its line, and its values or its fault. */
const brief = (records: readonly CsvRecord[]) =>
  records.map(({ line, fields, fault }) => [line, fields ?? fault] as const);

const value = fc.string({
  unit: fc.constantFrom("a", "7", ";", '"', "\n", "\r\n", "é", "漢", "😀", " ", "\t", ","),
  maxLength: 8,
});
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const written = value.chain((text) =>
  /[;"\r\n]/.test(text) ? fc.constant(quoted(text)) : fc.constantFrom(text, quoted(text)),
);

describe("reading rows", () => {
  it("reads what csv-parse reads, on the same lines, however the bytes are cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(written, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom("\n", "\r\n"),
        fc.record({ bom: fc.boolean(), last: fc.boolean(), chunkSize: fc.integer({ min: 1, max: 40 }) }),
        async (rows, newline, { bom, last, chunkSize }) => {
          const text = rows.map((row) => row.join(";")).join(newline) + (last ? newline : "");
          const expected = parse(text, { delimiter: ";", info: true, raw: true, relax_column_count: true });
          const lines = (expected as unknown as { record: string[]; raw: string }[]).map(
            ({ record }) => record,
          );
          const records = await readText((bom ? "\uFEFF" : "") + text, chunkSize);
          expect(records.map(({ fields }) => fields)).toEqual(lines);
          // By other means: the line is how many line ends stand before the row.
          let at = 0;
          for (const [index, row] of rows.entries()) {
            expect(records[index]?.line).toBe(text.slice(0, at).split("\n").length);
            expect(records[index]?.text).toBe(row.join(";"));
            at += row.join(";").length + newline.length;
          }
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it.each([
    [
      "an open quote costs its line",
      'a;b\n1;"x\n2;y\n',
      [
        [1, ["a", "b"]],
        [2, "has a quote that is never closed"],
        [3, ["2", "y"]],
      ],
    ],
    [
      "a quote that closes too early",
      'a;b\n1;"x"y\n2;z',
      [
        [1, ["a", "b"]],
        [2, "has a quote out of place"],
        [3, ["2", "z"]],
      ],
    ],
    [
      "a quote in the middle of a value",
      'a;b\n1;5" nail\n2;z',
      [
        [1, ["a", "b"]],
        [2, "has a quote out of place"],
        [3, ["2", "z"]],
      ],
    ],
    [
      "an open quote that the next row closes",
      '1;"x\n2;"y"\n3;z',
      [
        [1, "has a quote out of place"],
        [2, ["2", "y"]],
        [3, ["3", "z"]],
      ],
    ],
    [
      "empty lines count and are no rows",
      "\n1;2\n\r\n\n3;4\n",
      [
        [2, ["1", "2"]],
        [5, ["3", "4"]],
      ],
    ],
    [
      "both kinds of line ends in one file",
      '1;2\r\n"3";4\n5;"6"\r\n7;8\r',
      [
        [1, ["1", "2"]],
        [2, ["3", "4"]],
        [3, ["5", "6"]],
        [4, ["7", "8"]],
      ],
    ],
    [
      "a NUL",
      "1;a\0b\n2;c",
      [
        [1, "has a NUL character in it"],
        [2, ["2", "c"]],
      ],
    ],
    [
      "empty values",
      ';\n"";""\n',
      [
        [1, ["", ""]],
        [2, ["", ""]],
      ],
    ],
    ["nothing", "", []],
    ["a byte order mark alone", "\uFEFF", []],
  ] as const)("%s", async (_, text, expected) => {
    for (let chunkSize = 1; chunkSize <= text.length + 3; chunkSize++) {
      expect(brief(await readText(text, chunkSize))).toEqual(expected);
    }
  });

  it("refuses a row that is no UTF-8, and that row alone", async () => {
    const bytes = Buffer.concat([Buffer.from("1;é\n2;"), Buffer.from([0xe9]), Buffer.from("\n3;é\n")]);
    const records = await read(bytes, 2);
    expect(brief(records)).toEqual([
      [1, ["1", "é"]],
      [2, "is not valid UTF-8"],
      [3, ["3", "é"]],
    ]);
    expect(records[1]?.text).toBe("2;\uFFFD");
  });

  it("refuses a row that is too long without holding it, and finds the next one", async () => {
    const long = `1;${"x".repeat(300_000)}`;
    const records = await readText(`${long}\n2;y\n3;"${"z".repeat(70_000)}"\n4;w\n${long}`, 16_384);
    expect(brief(records)).toEqual([
      [1, "is longer than 64 KiB"],
      [2, ["2", "y"]],
      [3, "is longer than 64 KiB"],
      [4, ["4", "w"]],
      [5, "is longer than 64 KiB"],
    ]);
    expect(records[0]?.text).toHaveLength(200);
  });

  it("gives an open quote up after 64 KiB", async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index};row`);
    const records = await readText(`0;"open\n${rows.join("\n")}`, 10_000);
    expect(records[0]).toMatchObject({ line: 1, fault: "has a quote that is never closed" });
    expect(records).toHaveLength(20_001);
    expect(records.at(-1)).toMatchObject({ line: 20_001, fields: ["19999", "row"] });
  });
});
