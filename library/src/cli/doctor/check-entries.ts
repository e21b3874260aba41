/** All entries of a trail: each by itself, their positions without gaps, and the Merkle tree they make together. */

import { encodeHex, equalBytes } from "../../base/bytes.ts";
import {
  emptyRange,
  encodeCompactRange,
  extendRange,
  rangeRoot,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { leafHash } from "../../integrity/leaf.ts";
import type { SqliteConnection, SqliteRow } from "../../stores/sqlite/driver.ts";
import { entryKey, seqOfKey } from "../../stores/sqlite/entry-key.ts";
import { visibleText } from "../../formats/visible-text.ts";
import { createEntryCheck, entryColumns, type TrailRow } from "./check-entry.ts";
import { counted, ok, tampered, type Finding } from "./finding.ts";
import { readErasures } from "./known-erasures.ts";

export interface CheckEntriesOptions {
  readonly connection: SqliteConnection;
  readonly trail: TrailRow;
  /** Every so many-th entry is checked by itself; 1 checks all, and what they make together. */
  readonly step: number;
  readonly onChecked: (count: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What was seen on the way through a trail. */
interface Passage {
  /** What is wrong, put so that it completes "entries that …"; how often, and at which position first. */
  readonly faults: Map<string, { count: number; readonly first: number }>;
  tree: CompactRange;
  /** The position that comes next. */
  next: number;
  checked: number;
  pruned: number;
  erasedParts: number;
}

/** How often progress is told and signals are let in. */
const turnEntries = 256;

export async function checkEntries(options: CheckEntriesOptions): Promise<readonly Finding[]> {
  const { connection, trail, step, signal } = options;
  const passage: Passage = { faults: new Map(), tree: emptyRange, next: 0, checked: 0, pruned: 0, erasedParts: 0 };
  const visit = createVisit(options, passage);
  for (const row of rowsOf(connection, trail, step)) {
    if (signal.aborted) return [];
    visit(row);
    if (passage.checked % turnEntries === 0) await options.onChecked(passage.checked);
  }
  if (step === 1) finish(passage, trail, connection);
  return passage.faults.size > 0 ? describeFaults(trail, passage) : [summarise(trail, passage, step)];
}

function createVisit({ connection, trail, step }: CheckEntriesOptions, passage: Passage): (row: SqliteRow) => void {
  const erasures = readErasures(connection, trail.number);
  const check = createEntryCheck(connection, trail, erasures);
  let lastRecorded = 0;
  return (row) => {
    const seq = seqOfKey(Number(row["key"]));
    if (step === 1 && seq !== passage.next) passGap(passage, seq, erasures);
    const hash = leafHash(row["entry"] as string);
    if (step === 1) passage.tree = extendRange(passage.tree, [hash]);
    const recorded = Number(row["recorded_at"]);
    if (recorded < lastRecorded) addFault(passage, "say an earlier time of recording than the one before", seq);
    const { fault, erased } = check(row, hash);
    if (fault !== undefined) addFault(passage, fault, seq);
    lastRecorded = recorded;
    passage.next = seq + 1;
    passage.checked += 1;
    passage.erasedParts += erased;
  };
}

/** What retention removed is no gap: the tree goes on with the hashes that its tiles keep. */
function passGap(passage: Passage, seq: number, erasures: ReturnType<typeof readErasures>): void {
  const from = passage.next;
  if (erasures.isPruned(from, seq)) {
    passage.tree = extendRange(passage.tree, erasures.leavesOf(from, seq));
    passage.pruned += seq - from;
  } else addFault(passage, "are missing", from, seq - from);
}

function finish(passage: Passage, { size, number, edge }: TrailRow, connection: SqliteConnection): void {
  if (passage.next < size) passGap(passage, size, readErasures(connection, number));
  if (passage.next > size) addFault(passage, "are more than the trail says it has", size, passage.next - size);
  if (passage.faults.size > 0 || equalBytes(encodeCompactRange(passage.tree), edge)) return;
  addFault(
    passage,
    "were exchanged together with their hashes: the trail's Merkle tree is not that of its entries",
    0,
    size,
  );
}

function addFault({ faults }: Passage, fault: string, first: number, count = 1): void {
  const known = faults.get(fault);
  if (known === undefined) faults.set(fault, { count, first });
  else known.count += count;
}

function* rowsOf(connection: SqliteConnection, { number, size }: TrailRow, step: number): Iterable<SqliteRow> {
  const [from, to] = [entryKey(number, 0), entryKey(number + 1, 0)];
  if (step === 1) {
    const all = connection.prepare(
      `SELECT ${entryColumns} FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key`,
    );
    return yield* all.iterate(from, to) as Iterable<SqliteRow>;
  }
  const one = connection.prepare(`SELECT ${entryColumns} FROM auditrail_entry WHERE key = ?`);
  for (let seq = 0; seq < size; seq += step) {
    const row = one.get(from + seq) as SqliteRow | undefined;
    if (row !== undefined) yield row;
  }
}

function describeFaults({ tenant }: TrailRow, { faults }: Passage): readonly Finding[] {
  const name = `trail ${visibleText(tenant)}`;
  return Array.from(faults, ([fault, { count, first }]) =>
    tampered("entries", `${name}: entries that ${fault}: ${count.toLocaleString("en")}, first at position ${first}`),
  );
}

function summarise({ tenant, size }: TrailRow, { tree, checked, pruned, erasedParts }: Passage, step: number): Finding {
  const erased = erasedParts === 0 ? "" : `; ${counted(erasedParts, "sealed part", "sealed parts")} erased`;
  const name = `trail ${visibleText(tenant)}`;
  if (step > 1)
    return ok(
      "entries",
      `${name}: ${counted(checked, "entry", "entries")} out of ${size.toLocaleString("en")} checked, all well${erased}`,
    );
  const removed = pruned === 0 ? "" : ` and ${pruned.toLocaleString("en")} removed by retention`;
  const root = encodeHex(rangeRoot(tree)).slice(0, 16);
  return ok(
    "entries",
    `${name}: ${counted(checked, "entry", "entries")}${removed}; positions, hashes, columns and tree (root ${root}…) fit together${erased}`,
  );
}
