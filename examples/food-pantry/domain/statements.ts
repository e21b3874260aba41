/** A superuser's own SQL: on the pantry's tables, recorded whatever comes of it, and without a way to the trail's. */

import { constants, DatabaseSync, type SQLOutputValue } from "node:sqlite";

import { Refusal, type Pantry } from "./pantry.ts";

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly changes: number;
  readonly error?: string;
}

const mostRows = 200;

/** Gives the error as well, since that is an answer to who asked. */
export async function runStatement(pantry: Pantry, statement: string, reason: string): Promise<Answer> {
  if (reason.trim() === "") throw new Refusal("Say why you run the statement.");
  try {
    return await pantry.trail.track("pantry.statement-run", { data: { statement }, reason }, (operation) => {
      const answer = run(pantry.file, statement);
      operation.set({ data: { statement, rows: answer.rows.length === 0 ? answer.changes : answer.rows.length } });
      return answer;
    });
  } catch (error) {
    return { columns: [], rows: [], changes: 0, error: (error as Error).message };
  }
}

/** A connection of its own, which SQLite asks before each thing that it is about to do. */
function run(file: string, statement: string): Answer {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    database.setAuthorizer((action, name) => (mayDo(action, name) ? constants.SQLITE_OK : constants.SQLITE_DENY));
    const prepared = database.prepare(statement);
    const columns = prepared.columns().map(({ name }) => name);
    if (columns.length === 0) return { columns, rows: [], changes: Number(prepared.run().changes) };
    prepared.setReturnArrays(true);
    const rows = (prepared.all() as unknown as SQLOutputValue[][]).slice(0, mostRows);
    return {
      columns,
      rows: rows.map((row) =>
        row.map((value) => (value instanceof Uint8Array ? `${value.length} bytes` : String(value ?? ""))),
      ),
      changes: 0,
    };
  } finally {
    database.close();
  }
}

const writing: ReadonlySet<number> = new Set([
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
]);
const harmless: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_TRANSACTION,
  constants.SQLITE_RECURSIVE,
]);

/** Rows of the pantry's tables may be written, tables themselves are left alone; password hashes are nobody's to read. */
function mayDo(action: number, name: string | null): boolean {
  const isOurs = name !== null && !/^(auditrail_|sqlite_)/i.test(name);
  if (action === constants.SQLITE_READ) return !["person", "session"].includes(name ?? "");
  return harmless.has(action) || (writing.has(action) && isOurs);
}
