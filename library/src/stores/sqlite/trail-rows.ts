/** The row of a trail while a batch is being written: read once, made where the tenant is new, moved on at the end. */

import type { Clock } from "../../base/time.ts";
import {
  decodeCompactRange,
  emptyRange,
  encodeCompactRange,
  type CompactRange,
} from "../../integrity/compact-range.ts";
import { trailOrigin } from "../../trail/contracts.ts";
import type { SqliteConnection, SqliteRow } from "./driver.ts";
import { assertTrailFits } from "./entry-key.ts";
import { createTreeExtender } from "./extend-tree.ts";

export interface OpenTrail {
  readonly number: number;
  size: number;
  readonly recordedAtMicros: number;
  readonly edge: CompactRange;
  /** Leaf hashes of the batch's entries. */
  readonly leaves: Uint8Array[];
}

export interface TrailRows {
  /** Errors: `STORE_FULL`. */
  open(tenant: string): OpenTrail;
  /** Grows the tree and moves the trail on; a batch of known events adds nothing and moves nothing. */
  moveOn(trail: OpenTrail): void;
}

export function createTrailRows(connection: SqliteConnection, storeOrigin: string, clock: Clock): TrailRows {
  const extendTree = createTreeExtender(connection);
  const read = connection.prepare("SELECT number, size, edge, recorded_at FROM auditrail_trail WHERE tenant = ?");
  const next = connection.prepare("SELECT coalesce(max(number), 0) + 1 AS number FROM auditrail_trail");
  const add = connection.prepare(
    "INSERT INTO auditrail_trail (number, tenant, origin, size, edge, recorded_at) VALUES (?, ?, ?, 0, ?, 0)",
  );
  const move = connection.prepare("UPDATE auditrail_trail SET size = ?, edge = ?, recorded_at = ? WHERE number = ?");

  function addTrail(tenant: string): SqliteRow {
    const number = Number((next.get() as SqliteRow)["number"]);
    assertTrailFits(number);
    const edge = encodeCompactRange(emptyRange);
    add.run(number, tenant, trailOrigin(storeOrigin, tenant), edge);
    return { number, size: 0, recorded_at: 0, edge };
  }

  return {
    open(tenant) {
      const row = (read.get(tenant) as SqliteRow | undefined) ?? addTrail(tenant);
      // The clock may step back; the order of a trail must not.
      const recordedAtMicros = Math.max(clock.nowMicros(), Number(row["recorded_at"]));
      const edge = decodeCompactRange(row["edge"] as Uint8Array);
      return { number: Number(row["number"]), size: Number(row["size"]), recordedAtMicros, edge, leaves: [] };
    },
    moveOn({ number, size, recordedAtMicros, edge, leaves }) {
      if (leaves.length === 0) return;
      move.run(size, encodeCompactRange(extendTree(number, edge, leaves)), recordedAtMicros, number);
    },
  };
}
