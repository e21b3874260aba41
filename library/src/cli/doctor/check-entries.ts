/**
 * Every entry against everything that is derived from it: its hash, its position, its columns, its sealed parts, the
 * Merkle tree of its trail.
 */

import { decodeBase64, encodeHex, equalBytes } from "../../base/bytes.ts";
import { deriveColumns } from "../../event/derived-columns.ts";
import { parseEventText } from "../../event/entry.ts";
import type { AuditEvent } from "../../event/event.ts";
import { makeCommitment } from "../../integrity/commitment.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  extendRange,
  rangeRoot,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { leafHash } from "../../integrity/leaf.ts";
import type { SqliteConnection, SqliteRow, SqliteStatement } from "../../stores/sqlite/driver.ts";
import { entryKey, seqOfKey } from "../../stores/sqlite/entry-key.ts";
import { visibleText } from "../visible-text.ts";
import { counted, ok, tampered, type Finding } from "./finding.ts";

export interface TrailRow {
  readonly number: number;
  readonly tenant: string;
  readonly origin: string;
  readonly size: number;
  readonly edge: Uint8Array;
}

export interface CheckEntriesOptions {
  readonly connection: SqliteConnection;
  readonly trail: TrailRow;
  /** Every so many-th entry is checked; 1 checks all, and the tree. */
  readonly step: number;
  readonly onChecked: (count: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What can be wrong with an entry, and where it was seen first. */
type Faults = Map<string, { count: number; readonly first: number }>;

export async function checkEntries(options: CheckEntriesOptions): Promise<readonly Finding[]> {
  const { connection, trail, step, signal } = options;
  const faults: Faults = new Map();
  const add = (fault: string, seq: number): void => {
    const known = faults.get(fault);
    if (known === undefined) faults.set(fault, { count: 1, first: seq });
    else known.count += 1;
  };
  const parts = connection.prepare("SELECT part, subject, salt, bytes FROM auditrail_sealed WHERE key = ?");
  const targets = connection.prepare(
    "SELECT type, id, time FROM auditrail_target WHERE trail = ? AND key = ? AND time = ? AND id = ? AND type = ?",
  );
  let tree: CompactRange = emptyRange;
  let [expected, checked, lastRecorded, erased] = [0, 0, 0, 0];
  for (const row of rowsOf(connection, trail, step)) {
    if (signal.aborted) return [];
    const seq = seqOfKey(Number(row["key"]));
    if (seq !== expected) add("are missing before a later one", expected);
    expected = seq + step;
    if (Number(row["recorded_at"]) < lastRecorded) add("say an earlier time of recording than the one before", seq);
    lastRecorded = Number(row["recorded_at"]);
    const text = row["entry"] as string;
    const hash = leafHash(text);
    if (step === 1) tree = extendRange(tree, [hash]);
    const { fault, gone } = faultOf(row, hash, trail, { parts, targets });
    if (fault !== undefined) add(fault, seq);
    erased += gone;
    checked += 1;
    if (checked % 256 === 0) await options.onChecked(checked);
  }
  if (step === 1 && expected < trail.size) add("are missing at the end", expected);
  if (step === 1 && expected > trail.size) add("are more than the trail says it has", trail.size);
  return [...faults]
    .map(([fault, found]) => describeFault(trail, fault, found))
    .concat(faults.size > 0 ? [] : summarise(trail, { tree, checked, erased, step }));
}

function rowsOf(connection: SqliteConnection, { number, size }: TrailRow, step: number): Iterable<SqliteRow> {
  const columns =
    "key, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry";
  const [from, to] = [entryKey(number, 0), entryKey(number + 1, 0)];
  if (step === 1)
    return connection
      .prepare(`SELECT ${columns} FROM auditrail_entry WHERE key >= ? AND key < ? ORDER BY key`)
      .iterate(from, to) as Iterable<SqliteRow>;
  const one = connection.prepare(`SELECT ${columns} FROM auditrail_entry WHERE key = ?`);
  return sample(one, from, size, step);
}

function* sample(one: SqliteStatement, from: number, size: number, step: number): Iterable<SqliteRow> {
  for (let seq = 0; seq < size; seq += step) {
    const row = one.get(from + seq) as SqliteRow | undefined;
    if (row !== undefined) yield row;
  }
}

interface Statements {
  readonly parts: SqliteStatement;
  readonly targets: SqliteStatement;
}

/** The first thing that is wrong with an entry, put so that it completes "3 entries …"; and how many parts were erased. */
function faultOf(
  row: SqliteRow,
  hash: Uint8Array,
  trail: TrailRow,
  statements: Statements,
): { readonly fault?: string; readonly gone: number } {
  if (!equalBytes(hash, row["hash"] as Uint8Array))
    return { fault: "do not have the hash they were recorded with", gone: 0 };
  let event: AuditEvent;
  try {
    event = parseEventText(row["entry"] as string);
  } catch {
    return { fault: "are not events", gone: 0 };
  }
  if (event.id.replaceAll("-", "") !== encodeHex(row["event_id"] as Uint8Array))
    return { fault: "are filed under another event's id", gone: 0 };
  if (event.tenant !== trail.tenant || event.origin !== trail.origin)
    return { fault: "belong to another trail", gone: 0 };
  if (!hasItsColumns(row, event, trail, statements.targets))
    return { fault: "are listed as something else than they say (their columns were changed)", gone: 0 };
  return checkSealed(event, statements.parts.all(row["key"]!) as SqliteRow[]);
}

function hasItsColumns(row: SqliteRow, event: AuditEvent, trail: TrailRow, targets: SqliteStatement): boolean {
  const columns = deriveColumns(event);
  const derived = [
    columns.timeMicros,
    columns.log,
    columns.action,
    columns.outcome,
    columns.actorType,
    columns.actorId,
    columns.operationId,
  ];
  const kept = [
    Number(row["time"]),
    row["log"],
    row["action"],
    row["outcome"],
    row["actor_type"],
    row["actor_id"],
    row["operation"],
  ];
  if (!derived.every((value, index) => value === kept[index])) return false;
  return columns.targets.every(
    ({ id, type }) => targets.get(trail.number, row["key"]!, columns.timeMicros, id, type) !== undefined,
  );
}

/** Sealed parts may be gone, which is what erasing does, but never be others than the entry commits to. */
function checkSealed(
  { sealed = [] }: AuditEvent,
  rows: readonly SqliteRow[],
): { readonly fault?: string; readonly gone: number } {
  for (const row of rows) {
    const seal = sealed[Number(row["part"])];
    const commitment = makeCommitment(row["salt"] as Uint8Array, row["bytes"] as Uint8Array);
    if (seal === undefined || !equalBytes(commitment, decodeBase64(seal.commitment))) {
      return { fault: "have personal data beside them that is not what was recorded", gone: 0 };
    }
  }
  return { gone: sealed.length - rows.length };
}

function describeFault(
  { tenant }: TrailRow,
  fault: string,
  { count, first }: { readonly count: number; readonly first: number },
): Finding {
  return tampered(
    "entries",
    `trail ${visibleText(tenant)}: ${counted(count, "entry", "entries")} ${fault}, first at position ${first}`,
  );
}

interface Checked {
  readonly tree: CompactRange;
  readonly checked: number;
  readonly erased: number;
  readonly step: number;
}

function summarise({ tenant, size, edge }: TrailRow, { tree, checked, erased, step }: Checked): Finding[] {
  const name = `trail ${visibleText(tenant)}`;
  const gone = erased === 0 ? "" : `; ${counted(erased, "sealed part", "sealed parts")} erased`;
  if (step > 1)
    return [
      ok(
        "entries",
        `${name}: ${counted(checked, "entry", "entries")} out of ${size.toLocaleString("en")} checked, all well${gone}`,
      ),
    ];
  if (!equalBytes(encodeCompactRange(tree), edge)) {
    return [
      tampered(
        "entries",
        `${name}: its Merkle tree is not that of its entries, so entries were exchanged together with their hashes`,
      ),
    ];
  }
  const root = encodeHex(rangeRoot(decodeCompactRange(edge))).slice(0, 16);
  return [
    ok(
      "entries",
      `${name}: ${counted(size, "entry", "entries")}; positions, hashes, columns and tree (root ${root}…) fit together${gone}`,
    ),
  ];
}
