import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFault } from "./file-format.ts";
import { FILES, type FileSpec } from "./file-specs.ts";

const seed = Number(process.env["TEST_SEED"]);
const [customers] = FILES as [FileSpec, ...FileSpec[]];
const payments = FILES.find(({ file }) => file === "payments.csv")!;
const header = (spec: FileSpec, separator = ";") => spec.columns.join(separator);
const rows = "\n1;2;3\n";
const fault = (start: Buffer | string, spec = customers) => formatFault(Buffer.from(start), spec, FILES);

function utf16(text: string, order: "le" | "be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
}

function utf32(text: string, order: "le" | "be"): Buffer {
  const points = Array.from(text, (each) => each.codePointAt(0)!);
  const bytes = Buffer.alloc(points.length * 4);
  for (const [at, point] of points.entries())
    if (order === "le") bytes.writeUInt32LE(point, at * 4);
    else bytes.writeUInt32BE(point, at * 4);
  return bytes;
}

describe("what was 'a quote out of place' and the like", () => {
  const words = { le: "little-endian", be: "big-endian" };
  for (const [encode, name] of [
    [utf16, "UTF-16"],
    [utf32, "UTF-32"],
  ] as const) {
    test.each([
      ["le", "\uFEFF"],
      ["be", "\uFEFF"],
      ["le", ""],
      ["be", ""],
    ] as const)(`${name} %s, with the mark %j`, (order, mark) => {
      for (const spec of FILES) {
        for (const text of [header(spec), `"${header(spec, '";"')}"`, header(spec, ",")]) {
          const from = `${name}${order.toUpperCase()}`;
          expect(fault(encode(`${mark}${text}${rows}`, order), spec)).toBe(
            `is ${name} (${words[order]}) and must be UTF-8: convert it, as \`iconv -f ${from} -t UTF-8\` does`,
          );
        }
      }
    });
  }

  test.each([
    [",", "commas"],
    ["\t", "tabs"],
    ["|", "vertical bars"],
  ])("values separated by %j", (separator, word) => {
    for (const spec of FILES) {
      const message = `separates its values by ${word}, and must by semicolons`;
      expect(fault(`${header(spec, separator)}${rows}`, spec)).toBe(message);
      expect(fault(`\uFEFF"${header(spec, `"${separator}"`)}"\r\n`, spec)).toBe(message);
    }
  });

  test.each([
    ["", "is empty"],
    ["\uFEFF", "is empty"],
    [" \r\n\n", "is empty"],
    [Buffer.from("504b0304140006000800", "hex"), "is a ZIP archive"],
    [
      Buffer.concat([Buffer.from("504b0304140006000800", "hex"), Buffer.from("[Content_Types].xml")]),
      "is an Excel workbook (.xlsx)",
    ],
    [Buffer.from("d0cf11e0a1b11ae1", "hex"), "is an Excel workbook of the old kind"],
    [Buffer.from("1f8b0800", "hex"), "is compressed (gzip)"],
    ["%PDF-1.7", "is a PDF document"],
    [Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), "is no text"],
    [Buffer.alloc(100), "is no text"],
    ["<!DOCTYPE html>\n<html>", "is HTML or XML"],
    ["sep=,\na,b", "begins with Excel's line"],
    [`${header(customers)}\r1;2\r3;4\r`, "ends its lines with CR alone"],
    [`${header(payments)}${rows}`, "has the columns of payments.csv"],
  ] as const)("case %#", (start, message) => {
    expect(fault(start)).toContain(message);
  });
});

test.each(["\n", "\r\n"])("a file as it should be has no fault, with lines that end in %j", (newline) => {
  for (const spec of FILES) {
    expect(fault(`${header(spec)}${newline}`, spec)).toBeNull();
    expect(fault(header(spec), spec)).toBeNull();
    expect(fault(`\uFEFFmore;"${header(spec, '" ; "')}"${newline}a,b;c\0d\r${newline}`, spec)).toBeNull();
  }
});

test("no bytes make it throw, or call a good header bad", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...FILES), (bytes, spec) => {
      expect(() => fault(Buffer.from(bytes), spec)).not.toThrow();
      expect(fault(Buffer.concat([Buffer.from(`${header(spec)}\n`), bytes]), spec)).toBeNull();
    }),
    { seed, numRuns: 1000 },
  );
});
