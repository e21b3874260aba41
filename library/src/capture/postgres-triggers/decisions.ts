/** What was decided for each table: captured, with which columns masked, or left out and why. */

import { asSentence, AuditError, assertKnownOptions, quote, suggestion } from "../../base/errors.ts";
import type { Catalogue } from "../../event/catalogue.ts";
import { rowLogName } from "../../event/row-log.ts";
import { createVocabulary, type VocabularyOptions } from "../../redaction/names.ts";
import { allRows, type Connection } from "./connection.ts";
import type { TableSchema } from "./read-schema.ts";

export interface CaptureOptions extends VocabularyOptions {
  /**
   * Every table that is captured or left out on purpose: `{}` captures all columns, `mask` names columns to be masked besides
   * those that look like secrets, `exclude` says why its changes are of no interest.
   */
  readonly tables: Readonly<Record<string, { readonly mask?: readonly string[] } | { readonly exclude: string }>>;
  /**
   * How many rows of one statement are told each by itself; 10,000 by default. Those above are counted, in one `row.bulk-written`.
   */
  readonly mostRows?: number;
  /** Columns that its row log calls secret are masked in all tables. */
  readonly catalogue?: Pick<Catalogue, "lookup">;
}

export interface Decision {
  readonly table: string;
  /** The reason, where its changes are not captured. */
  readonly excluded: string | undefined;
  readonly masked: readonly string[];
  readonly most: number;
}

const defaultMostRows = 10_000;
const optionNames = ["tables", "mostRows", "catalogue", "secretNames", "allowNames"];

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`. */
export function decide(options: CaptureOptions, schema: readonly TableSchema[]): readonly Decision[] {
  assertKnownOptions("Change capture", options, optionNames);
  const vocabulary = createVocabulary(options);
  const secret = secretColumns(options.catalogue);
  const whole = schema.filter(({ isPartition }) => !isPartition);
  const names = whole.map(({ name }) => name);
  const most = options.mostRows ?? defaultMostRows;
  if (!Number.isInteger(most) || most < 1)
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot capture changes: mostRows is ${quote(most)}, expected a whole number from 1.`,
    );
  return Object.entries(options.tables).map(([table, given]) => {
    assertKnownOptions(`The table ${quote(table)} of change capture`, given, ["mask", "exclude"]);
    const found = whole.find(({ name }) => name === table);
    if (found === undefined) throw invalid(table, `the database has no such table.${suggestion(table, names)}`);
    if ("exclude" in given) return { table, excluded: reasonOf(table, given.exclude), masked: [], most };
    const { mask = [] } = given;
    for (const column of mask) assertColumn(found, column);
    const isHidden = (column: string): boolean =>
      mask.includes(column) || secret.has(column) || vocabulary.decide(column).secret !== undefined;
    const decision = { table, excluded: undefined, masked: columnNames(found).filter(isHidden), most };
    const problem = captureProblem(found, decision.masked);
    if (problem !== undefined) throw invalid(table, problem);
    return decision;
  });
}

/** Why the changes of a table cannot be captured. */
export function captureProblem({ kind, primaryKey }: TableSchema, masked: readonly string[]): string | undefined {
  if (kind === "foreign")
    return "it is a foreign table, which Postgres cannot tell the changed rows of. Exclude it, with the reason";
  const column = primaryKey.find((name) => masked.includes(name));
  if (column === undefined) return undefined;
  return `the column ${quote(column)} of its primary key is masked, so its rows could not be told apart. Exclude it, or allow the name with allowNames`;
}

/** The decisions that were kept in the database when the triggers were installed. */
export async function readDecisions(connection: Connection): Promise<readonly Decision[]> {
  const rows = await allRows(
    connection,
    "SELECT name, excluded, array_to_json(masked)::text AS masked, most::text AS most FROM auditrail_capture.captured_table ORDER BY name",
  );
  return rows.map(({ name, excluded, masked, most }) => ({
    table: name as string,
    excluded: (excluded as string | null) ?? undefined,
    masked: JSON.parse(masked as string) as string[],
    most: Number(most),
  }));
}

export function columnNames({ columns }: TableSchema): readonly string[] {
  return columns.map(({ name }) => name);
}

function secretColumns(catalogue: CaptureOptions["catalogue"]): ReadonlySet<string> {
  const members = catalogue?.lookup(`${rowLogName}.inserted`)?.stateMarks?.members ?? new Map();
  return new Set([...members].filter(([, { mark }]) => mark?.kind === "secret").map(([name]) => name));
}

function reasonOf(table: string, reason: unknown): string {
  if (typeof reason === "string" && reason.trim().length >= 3) return reason.trim();
  throw invalid(table, "exclude has to say why, in words for whoever reads the coverage report");
}

function assertColumn(table: TableSchema, column: string): void {
  const names = columnNames(table);
  if (names.includes(column)) return;
  throw invalid(table.name, `there is no column ${quote(column)} to mask.${suggestion(column, names)}`);
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
