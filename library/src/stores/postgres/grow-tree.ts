/**
 * Growing a trail's Merkle tree (C2SP tlog-tiles, RFC 6962) by entries that the same transaction adds.
 *
 * A tile is written once, at the moment it is full, with its root, which is one hash of the level above. Until then its
 * hashes stand in the entries (level 0) or in the roots of the tiles below, out of which the database then takes them.
 */

import { encodeHex } from "../../base/bytes.ts";
import { encodeCompactRange, extendRange, type CompactRange } from "../../integrity/compact-range.ts";
import { tileHeight } from "../../integrity/tile.ts";

export interface GrownTree {
  readonly edge: CompactRange;
  /** `edge` as `trail` keeps it. */
  readonly written: Uint8Array;
  /** The tiles that are full now, as `grow` of the database takes them: those of a level are made of those before. */
  readonly tiles: string;
}

export function growTree(edge: CompactRange, leaves: readonly Uint8Array[]): GrownTree {
  const full: object[] = [];
  const grown = extendRange(edge, leaves, (level, number, root) => {
    if (level > 0 && level % tileHeight === 0)
      full.push({ level: level / tileHeight - 1, number, root: encodeHex(root) });
  });
  return { edge: grown, written: encodeCompactRange(grown), tiles: JSON.stringify(full) };
}
