/** What was decided for each table: captured, with which columns masked, or left out and why. */

import { asSentence, AuditError, assertKnownOptions, quote, suggestion } from "../../base/errors.ts";
import type { Catalogue } from "../../event/catalogue.ts";
import { rowLogName } from "../../event/row-log.ts";
import { createVocabulary, type VocabularyOptions } from "../../redaction/names.ts";
import { allRows, type Connection } from "./connection.ts";
import type { TableSchema } from "./read-schema.ts";
import { mostKeyColumns } from "./trigger-sql.ts";

export interface CaptureOptions extends VocabularyOptions {
  /**
   * Every table that is captured or left out on purpose: `{}` captures all columns, `mask` names columns to be masked besides
   * those that look like secrets, `exclude` says why its changes are of no interest.
   */
  readonly tables: Readonly<Record<string, { readonly mask?: readonly string[] } | { readonly exclude: string }>>;
  /** Columns that its row log calls secret are masked in all tables. */
  readonly catalogue?: Pick<Catalogue, "lookup">;
}

export interface Decision {
  readonly table: string;
  /** The reason, where its changes are not captured. */
  readonly excluded: string | undefined;
  readonly masked: readonly string[];
}

const optionNames = ["tables", "catalogue", "secretNames", "allowNames"];

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`. */
export function decide(options: CaptureOptions, schema: readonly TableSchema[]): readonly Decision[] {
  assertKnownOptions("Change capture", options, optionNames);
  const vocabulary = createVocabulary(options);
  const secret = secretColumns(options.catalogue);
  const names = schema.map(({ name }) => name);
  return Object.entries(options.tables).map(([table, given]) => {
    assertKnownOptions(`The table ${quote(table)} of change capture`, given, ["mask", "exclude"]);
    const found = schema.find(({ name }) => name === table);
    if (found === undefined) throw invalid(table, `the database has no such table.${suggestion(table, names)}`);
    if ("exclude" in given) return { table, excluded: reasonOf(table, given.exclude), masked: [] };
    const { mask = [] } = given;
    for (const column of mask) assertColumn(found, column);
    const isHidden = (column: string): boolean =>
      mask.includes(column) || secret.has(column) || vocabulary.decide(column).secret !== undefined;
    const decision = { table, excluded: undefined, masked: found.columns.filter(isHidden) };
    const problem = captureProblem(found, decision.masked);
    if (problem !== undefined) throw invalid(table, problem);
    return decision;
  });
}

/** Why the changes of a table cannot be captured. */
export function captureProblem(table: TableSchema, masked: readonly string[]): string | undefined {
  const { kind, rowid, primaryKey } = table;
  if (kind === "virtual") return "it is a virtual table, which takes no triggers. Exclude it, with the reason";
  if (rowid !== undefined) return undefined;
  if (primaryKey.length === 0) return "it has no primary key, and its columns have taken all names of the rowid";
  if (primaryKey.length > mostKeyColumns)
    return `its primary key has ${primaryKey.length} columns, and it has no rowid; at most ${mostKeyColumns} can be followed`;
  if (primaryKey.every((column) => !masked.includes(column))) return undefined;
  return "a column of its primary key is masked, and it has no rowid to tell its rows apart by. Exclude it, or allow the name with allowNames";
}

/** The decisions that were kept in the database when the triggers were installed. */
export function readDecisions(connection: Connection): readonly Decision[] {
  return allRows(connection, "SELECT name, excluded, masked FROM auditrail_change_table ORDER BY name").map(
    ({ name, excluded, masked }) => ({
      table: name as string,
      excluded: (excluded as string | null) ?? undefined,
      masked: JSON.parse(masked as string) as string[],
    }),
  );
}

function secretColumns(catalogue: CaptureOptions["catalogue"]): ReadonlySet<string> {
  const members = catalogue?.lookup(`${rowLogName}.inserted`)?.stateMarks?.members ?? new Map();
  return new Set([...members].filter(([, { mark }]) => mark?.kind === "secret").map(([name]) => name));
}

function reasonOf(table: string, reason: unknown): string {
  if (typeof reason === "string" && reason.trim().length >= 3) return reason.trim();
  throw invalid(table, "exclude has to say why, in words for whoever reads the coverage report");
}

function assertColumn({ name, columns }: TableSchema, column: string): void {
  if (columns.includes(column)) return;
  throw invalid(name, `there is no column ${quote(column)} to mask.${suggestion(column, columns)}`);
}

function invalid(table: string, problem: string): AuditError {
  return new AuditError(
    "OPTION_INVALID",
    asSentence(`Cannot capture changes of the table ${quote(table)}: ${problem}`),
    {
      details: { table },
    },
  );
}
