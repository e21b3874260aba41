/**
 * Getting rid of the bytes of what was deleted. Deletes overwrite their own rows (`secure_delete`), but stale copies stay:
 * in free pages, in the slack of pages whose rows were moved when another page was split, and words in the text index until
 * its segments are merged.
 *
 * In a database of its own the trail is copied whole by VACUUM, which leaves nothing behind. Where it lives beside an
 * application's tables, VACUUM would rewrite those too, and renumber rows that have no key of their own; there the tables
 * that hold personal data are copied, the text index is made anew from the entries, and the free pages are overwritten.
 *
 * Either is one transaction: a crash leaves the database as it was, and the erasures to be compacted again.
 */

import { openEvent } from "../../event/entry.ts";
import { searchText } from "../../query/search-text.ts";
import { readValue, type SqliteConnection, type SqliteRow } from "./driver.ts";
import { readStoredEntry } from "./stored-entry.ts";

export function rewriteDatabase(connection: SqliteConnection): void {
  connection.exec("PRAGMA secure_delete = ON");
  if (!isAlone(connection)) return inTransaction(connection, () => rewriteOurs(connection));
  connection.exec("INSERT INTO auditrail_text (auditrail_text) VALUES ('optimize')");
  connection.exec("VACUUM");
}

function isAlone(connection: SqliteConnection): boolean {
  const ours = "name LIKE 'auditrail\\_%' ESCAPE '\\' OR name LIKE 'sqlite\\_%' ESCAPE '\\'";
  return readValue(connection, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND NOT (${ours})`) === 0;
}

function inTransaction(connection: SqliteConnection, work: () => void): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    work();
    connection.exec("COMMIT");
  } catch (error) {
    connection.exec("ROLLBACK");
    throw error;
  }
}

function rewriteOurs(connection: SqliteConnection): void {
  copyTable(connection, "auditrail_sealed");
  copyTable(connection, "auditrail_subject_key");
  remakeTextIndex(connection);
  overwriteFreePages(connection);
}

/** Its own tables cannot be copied: drivers protect them. */
function remakeTextIndex(connection: SqliteConnection): void {
  const definition = readValue(connection, "SELECT sql FROM sqlite_schema WHERE name = 'auditrail_text'") as string;
  connection.exec(`DROP TABLE auditrail_text; ${definition}`);
  const readSealed = connection.prepare(
    "SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ? ORDER BY part",
  );
  const addWords = connection.prepare("INSERT INTO auditrail_text (rowid, words) VALUES (?, ?)");
  const readEntries = connection.prepare(
    "SELECT key, recorded_at, hash, entry FROM auditrail_entry WHERE key > ? ORDER BY key LIMIT 1000",
  );
  // In parts: not every driver takes another statement while one is stepped through.
  for (let last = -1; ;) {
    const rows = readEntries.all(last) as SqliteRow[];
    for (const row of rows) {
      const { text, sealed } = readStoredEntry(row, readSealed.all(row["key"]!) as SqliteRow[]);
      addWords.run(row["key"]!, searchText(openEvent(text, sealed).event));
    }
    if (rows.length === 0) return;
    last = Number(rows.at(-1)!["key"]);
  }
}

/** Gives a table new pages. It is made anew by its own definition: one that was renamed would not say the same. */
function copyTable(connection: SqliteConnection, table: string): void {
  const parts = connection
    .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC")
    .all(table) as SqliteRow[];
  const [definition, ...others] = parts.map(({ sql }) => sql as string);
  const copy = "auditrail_copy";
  connection.exec(`CREATE TABLE ${copy} AS SELECT * FROM ${table}; DROP TABLE ${table}; ${definition!}`);
  connection.exec(`INSERT INTO ${table} SELECT * FROM ${copy}; DROP TABLE ${copy}`);
  for (const sql of others) connection.exec(sql);
}

/** Far below the largest value that SQLite takes, and the memory for it is given back at once. */
const washBytes = 16 * 1024 * 1024;

/** Free pages are taken for a table of zeros; when it is dropped they are free again, and overwritten. */
function overwriteFreePages(connection: SqliteConnection): void {
  const freePages = Number(readValue(connection, "PRAGMA freelist_count"));
  const pageSize = Number(readValue(connection, "PRAGMA page_size"));
  connection.exec("CREATE TABLE auditrail_wash (zeros BLOB)");
  const add = connection.prepare("INSERT INTO auditrail_wash VALUES (zeroblob(?))");
  for (let rest = freePages * pageSize; rest > 0; rest -= washBytes) add.run(Math.min(rest, washBytes));
  connection.exec("DROP TABLE auditrail_wash");
}
