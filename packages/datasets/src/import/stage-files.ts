import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { CopyValue } from "@tributary/bulk";
import { copyRows } from "@tributary/bulk";
import type { ClientBase } from "pg";
import type { CsvRecord } from "./csv-reader.ts";
import { readCsv } from "./csv-reader.ts";
import type { FileSpec } from "./file-specs.ts";
import { formatFaultOf } from "./file-format.ts";
import { FILES } from "./file-specs.ts";
import { ImportError } from "./import-error.ts";
import { RowReader } from "./row-reader.ts";

/** What was read of a file. */
export interface FileTally {
  readonly file: string;
  /** Rows, without the header and without empty lines. */
  readonly rows: number;
  /** The sum of the amounts of all rows that have a readable one, in minor units; null where the file has none. */
  readonly amountMinor: bigint | null;
}

interface StagedRow {
  readonly record: CsvRecord;
  readonly values: readonly CopyValue[] | null;
  readonly faults: readonly string[];
  /** What the row is about, where that could be read. */
  readonly key: string | null;
  readonly amount: bigint | null;
}

/**
 * Reads the files of a directory into temporary tables: sound rows into their file's table, others into `rejects`.
 *
 * @param client whose session keeps the tables; they are gone with it
 * @throws {ImportError} BAD_INPUT where a file or a column of its header is missing; all that is missing is listed
 */
export async function stageFiles(
  client: ClientBase,
  dir: string,
  onProgress: (file: string, bytes: number) => void,
): Promise<FileTally[]> {
  await checkFiles(dir);
  await client.query(
    `CREATE TEMPORARY TABLE rejects
       (file text, line integer, reason text, text text, key text, minor numeric)`,
  );
  for (const { table, tableColumns } of FILES) {
    await client.query(
      `CREATE TEMPORARY TABLE ${table} (line integer, text text, ${tableColumns.join(", ")})`,
    );
  }
  const tallies: FileTally[] = [];
  for (const spec of FILES) {
    tallies.push(await stageFile(client, spec, { dir, onProgress }));
    await client.query(`ANALYZE ${spec.table}`);
  }
  return tallies;
}

async function stageFile(
  client: ClientBase,
  spec: FileSpec,
  options: { dir: string; onProgress: (file: string, bytes: number) => void },
): Promise<FileTally> {
  let rows = 0;
  let sum = 0n;
  let hasAmount = false;
  const staged = async function* (): AsyncIterable<StagedRow> {
    for await (const row of readRows(spec, options)) {
      rows++;
      if (row.amount !== null) {
        sum += row.amount;
        hasAmount = true;
      }
      yield row;
    }
  };
  await copyRows<StagedRow>(client, {
    parts: [
      {
        table: spec.table,
        columns: ["line", "text", ...spec.tableColumns.map((column) => column.split(" ")[0]!)],
        rows: ({ record, values }) => (values ? [[record.line, record.text, ...values]] : []),
      },
      {
        table: "rejects",
        columns: ["file", "line", "reason", "text", "key", "minor"],
        rows: ({ record, values, faults, key, amount }) =>
          values ? [] : [[spec.file, record.line, faults.join("; "), record.text, key, amount]],
      },
    ],
    items: staged(),
  });
  const countsAmounts = hasAmount || spec.amount(spec.tableColumns.map(() => 0)) !== null;
  return { file: spec.file, rows, amountMinor: countsAmounts ? sum : null };
}

async function* readRows(
  spec: FileSpec,
  options: { dir: string; onProgress: (file: string, bytes: number) => void },
): AsyncGenerator<StagedRow> {
  const records = readCsv(measured(spec.file, options));
  let places: ReadonlyMap<string, number> | null = null;
  for await (const record of records) {
    if (places === null) {
      places = readHeader(spec, record);
      continue;
    }
    yield readRow(spec, record, places);
  }
  if (places === null) throw new ImportError("BAD_INPUT", `${spec.file} is empty: it has not even a header`);
}

function readRow(spec: FileSpec, record: CsvRecord, places: ReadonlyMap<string, number>): StagedRow {
  const { fields, fault } = record;
  const bad = (faults: readonly string[], key: string | null, amount: bigint | null = null): StagedRow => ({
    record,
    values: null,
    faults,
    key,
    amount,
  });
  if (fields === null) {
    // What the row is about can mostly be told all the same; an order must not be loaded without such a line.
    const start = /^"?([^";]{1,32})/.exec(record.text)?.[1]?.trim();
    return bad([fault ?? ""], places.get(spec.columns[0]!) === 0 && start ? start : null);
  }
  if (fields.length !== places.size) {
    return bad(
      [`has ${fields.length} values where the header has ${places.size}`],
      fields[places.get(spec.columns[0]!)!]?.trim() || null,
    );
  }
  const row = new RowReader(fields, places);
  const values = spec.read(row);
  if (row.faults.length === 0) {
    return { record, values, faults: [], key: null, amount: spec.amount(values) };
  }
  return bad(row.faults, fields[places.get(spec.columns[0]!)!]?.trim() || null);
}

function readHeader(spec: FileSpec, header: CsvRecord): ReadonlyMap<string, number> {
  const names = header.fields?.map((name) => name.trim()) ?? [];
  const places = new Map(names.map((name, place) => [name, place]));
  const faults = spec.columns.filter((column) => !places.has(column)).map((column) => `no column ${column}`);
  if (places.size !== names.length) faults.push("a column twice");
  const found = `; it reads: ${header.text.slice(0, 200)}`;
  if (header.fault !== null) {
    throw new ImportError("BAD_INPUT", `the header of ${spec.file} ${header.fault}${found}`);
  }
  if (faults.length > 0) {
    throw new ImportError("BAD_INPUT", `the header of ${spec.file} has ${faults.join(", ")}${found}`);
  }
  return places;
}

/**
 * Total size of the files, in bytes.
 *
 * @throws {ImportError} BAD_INPUT where files are missing, or begin as no such file does; all of them are listed
 */
export async function checkFiles(dir: string): Promise<number> {
  let size = 0;
  const missing: string[] = [];
  for (const { file } of FILES) {
    const found = await stat(join(dir, file)).catch(() => null);
    if (found?.isFile()) size += found.size;
    else missing.push(file);
  }
  if (missing.length > 0) {
    throw new ImportError("BAD_INPUT", `${dir} has no ${missing.join(", no ")}`);
  }
  const faults: string[] = [];
  for (const spec of FILES) {
    const fault = await formatFaultOf(join(dir, spec.file), spec, FILES);
    if (fault !== null) faults.push(`${spec.file} ${fault}`);
  }
  if (faults.length > 0) throw new ImportError("BAD_INPUT", faults.join("\n"));
  return size;
}

async function* measured(
  file: string,
  options: { dir: string; onProgress: (file: string, bytes: number) => void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(join(options.dir, file))) {
    yield chunk as Uint8Array;
    options.onProgress(file, (chunk as Uint8Array).length);
  }
}
