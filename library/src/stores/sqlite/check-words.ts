/**
 * Holding the full-text index against the entries: every word at its place, and none besides.
 *
 * The index keeps no texts, but it can be read back word by word (fts5vocab, `instance`): which word stands in which
 * entry at which place, in the order of the words. Both sides are added up for each entry to a sum that does not depend on
 * the order, from a mix of word and place; so one pass over the index is enough, with eight bytes of memory an entry.
 *
 * @see https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
 */

import { mentionsSealed, openEvent, type SealedPart } from "../../event/entry.ts";
import type { DerivedProblem } from "../../integrity/evidence.ts";
import { searchText } from "../../query/search-text.ts";
import { problem } from "./check-derived.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { entriesPerTrail, entryKey } from "./entry-key.ts";

/** More than these are counted in one last problem. */
const maxProblems = 10_000;

export function checkWords(connection: SqliteConnection, trail: number): readonly DerivedProblem[] {
  const first = entryKey(trail, 0);
  const last = connection
    .prepare("SELECT max(key) AS last FROM auditrail_entry WHERE key >= ? AND key < ?")
    .get(first, first + entriesPerTrail) as SqliteRow;
  const length = last["last"] === null ? 0 : Number(last["last"]) - first + 1;
  const sums = createSums(length);
  const strange = addIndexed(connection, first, sums);
  const problems = subtractEntries(connection, first, length, sums);
  if (strange > 0)
    problems.push({
      seq: null,
      column: "text",
      says: `The word index has ${strange} words of entries that are not there.`,
    });
  const rest = problems.length - maxProblems;
  if (rest <= 0) return problems;
  return [
    ...problems.slice(0, maxProblems),
    { seq: null, column: "text", says: `The word index differs for ${rest} more entries.` },
  ];
}

interface Sums {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

function createSums(length: number): Sums {
  return { low: new Uint32Array(length), high: new Uint32Array(length) };
}

/** Answers how many words belong to no entry of the trail. */
function addIndexed(connection: SqliteConnection, first: number, { low, high }: Sums): number {
  // A temporary table is in a database of its own, so this works on a connection that only reads.
  connection.exec(
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.auditrail_words USING fts5vocab('main', 'auditrail_text', 'instance')",
  );
  const rows = connection
    .prepare("SELECT term, doc, offset FROM temp.auditrail_words WHERE doc >= ? AND doc < ?")
    .iterate(first, first + entriesPerTrail) as Iterable<SqliteRow>;
  let strange = 0;
  let term = "";
  let hash = 0;
  for (const row of rows) {
    if (row["term"] !== term) hash = hashWord((term = row["term"] as string));
    const place = Number(row["doc"]) - first;
    const offset = Number(row["offset"]);
    if (place >= low.length) strange += 1;
    else {
      low[place] = low[place]! + mix(hash, offset, 0x9e3779b1);
      high[place] = high[place]! + mix(hash, offset, 0x85ebca77);
    }
  }
  return strange;
}

function subtractEntries(
  connection: SqliteConnection,
  first: number,
  length: number,
  { low, high }: Sums,
): DerivedProblem[] {
  const problems: DerivedProblem[] = [];
  const present = new Uint8Array(length);
  for (const { key, words } of readWords(connection, first, length)) {
    const place = key - first;
    present[place] = 1;
    let [lowSum, highSum] = [0, 0];
    words?.forEach((word, offset) => {
      const hash = hashWord(word);
      lowSum = (lowSum + mix(hash, offset, 0x9e3779b1)) >>> 0;
      highSum = (highSum + mix(hash, offset, 0x85ebca77)) >>> 0;
    });
    if (words === undefined || low[place] !== lowSum || high[place] !== highSum) {
      problems.push(problem(key, "text", "It is not found by the words that it says, or by others."));
    }
  }
  for (let place = 0; place < length; place += 1) {
    if (present[place] === 0 && (low[place] !== 0 || high[place] !== 0)) {
      problems.push(problem(first + place, "text", "There are words of an entry that is not there."));
    }
  }
  return problems;
}

/** The words of each entry in order, with those of the personal data that is still there; none where it is no event. */
function* readWords(connection: SqliteConnection, first: number, length: number) {
  const rows = connection
    .prepare("SELECT key, entry FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key")
    .iterate(first, first + length);
  const sealed = connection.prepare(
    "SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ? ORDER BY part",
  );
  for (const row of rows as Iterable<SqliteRow>) {
    const key = Number(row["key"]);
    const text = row["entry"] as string;
    const parts = mentionsSealed(text) ? (sealed.all(key) as SqliteRow[]).map(readPart) : [];
    yield { key, words: splitWords(text, parts) };
  }
}

function readPart({ part, subject, salt, bytes }: SqliteRow): SealedPart {
  return { index: Number(part), subject: subject as string, salt: salt as Uint8Array, bytes: bytes as Uint8Array };
}

function splitWords(text: string, parts: readonly SealedPart[]): readonly string[] | undefined {
  try {
    return searchText(openEvent(text, parts).event)
      .split(" ")
      .filter((word) => word !== "");
  } catch {
    // Text or sealed data that was tampered with can fail anywhere in here; that it has no words is all there is to say.
    return undefined;
  }
}

/** FNV-1a over UTF-16 units: quick, and nobody's safety rests on it, as the index is only a way to find entries. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function mix(hash: number, offset: number, factor: number): number {
  let mixed = Math.imul(hash ^ Math.imul(offset + 1, factor), 0xc2b2ae3d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), factor);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
