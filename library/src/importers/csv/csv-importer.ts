import { AuditError, quote } from "../../base/errors.ts";
import type { Importer, Reading, SourceRecord } from "../importer.ts";
import type { Mapping } from "../mapping.ts";
import { readLines } from "../read-lines.ts";
import { createRowSplitter, type Row } from "./split-rows.ts";

/**
 * Imports CSV (RFC 4180), whose first record names the columns unless the mapping does. Empty lines are no records.
 *
 * @example
 * const mapping = createMapping(await readFile("mapping.json", "utf8"), "mapping.json");
 * await importEvents({ importer: createCsvImporter(mapping), source: await openFileSource("events.csv"), trail });
 */
export function createCsvImporter(mapping: Mapping): Importer {
  const { delimiter = ",", quote: quoteMark = '"', columns: given } = mapping.csv;
  return {
    kind: "csv",
    scope: mapping.log.name,
    settings: mapping.fingerprint,
    unit: "line",
    countsRepeats: !mapping.identifies,
    logs: [mapping.log],
    async *records(chunks) {
      const splitter = createRowSplitter({ delimiter, quote: quoteMark });
      let columns: readonly string[] | undefined = given;
      const toRecords = (rows: readonly Row[]): readonly SourceRecord[] => {
        const isHeader = columns === undefined && rows.length > 0;
        if (isHeader) columns = columnsOf(rows[0]!);
        return (isHeader ? rows.slice(1) : rows).map((row) => recordOf(row, columns!, mapping));
      };
      for await (const lines of readLines(chunks)) yield toRecords(splitter.push(lines));
      yield toRecords(splitter.end());
    },
  };
}

/** Errors: `IMPORT_INVALID` where the first record cannot name columns. */
function columnsOf({ fields }: Row): readonly string[] {
  if ("problem" in fields) throw invalidHeader(fields.problem);
  const names = fields.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidHeader(`it names ${quote(twice)} twice`);
  return names;
}

function invalidHeader(problem: string): AuditError {
  return new AuditError(
    "IMPORT_INVALID",
    `Cannot read the names of the columns from the first record: ${problem}. Name them in the mapping, as csv.columns, where the file has none.`,
  );
}

function recordOf(
  { number, text, fields, unfinished }: Row,
  columns: readonly string[],
  mapping: Mapping,
): SourceRecord {
  const read = (): Reading => {
    if ("problem" in fields) return { malformed: fields.problem };
    if (fields.length !== columns.length)
      return { malformed: `it has ${fields.length} fields, expected ${columns.length}` };
    const record = Object.fromEntries(columns.map((column, index) => [column, fields[index]!]));
    return mapping.apply(record, record);
  };
  return { number, text, read, ...(unfinished && { unfinished }) };
}
