/**
 * Growing a trail's Merkle tree in the transaction that adds its entries (C2SP tlog-tiles, RFC 6962).
 *
 * A tile is written once, at the moment it is full, with its root, which is one hash of the level above. Until then its
 * hashes stand in the entries (level 0) or in the roots of the tiles below.
 */

import { encodeHex } from "../../base/bytes.ts";
import { encodeCompactRange, extendRange, type CompactRange } from "../../integrity/compact-range.ts";
import { encodeTile, tileHeight, tileWidth } from "../../integrity/tile.ts";
import type { SqlClient } from "./client.ts";
import { entryKey } from "./entry-key.ts";
import { inSchema } from "./names.ts";

export interface Growth {
  readonly trail: number;
  readonly edge: CompactRange;
  /** Of entries that are inserted already. */
  readonly leaves: readonly Uint8Array[];
  readonly recordedAtMicros: number;
}

interface FullTile {
  readonly level: number;
  readonly number: number;
  readonly root: Uint8Array;
}

const move = `
WITH tiles AS (
  INSERT INTO $schema.tile (trail, level, number, root, hashes)
  SELECT $1::integer, t.level, t.number, decode(t.root, 'hex'), decode(t.hashes, 'hex')
  FROM json_to_recordset($2::text::json) AS t (level smallint, number bigint, root text, hashes text))
UPDATE $schema.trail SET size = $3::bigint, edge = $4::bytea, recorded_at = $5::bigint WHERE number = $1::integer`;

/** Adds the leaves to the tree and moves the trail on. */
export async function extendTree(client: SqlClient, schema: string, growth: Growth): Promise<void> {
  const { trail, edge, leaves, recordedAtMicros } = growth;
  const full: FullTile[] = [];
  const grown = extendRange(edge, leaves, (nodeLevel, number, root) => {
    if (nodeLevel > 0 && nodeLevel % tileHeight === 0) full.push({ level: nodeLevel / tileHeight - 1, number, root });
  });
  const written: object[] = [];
  // In the order in which they became full: those of a higher level are made of the roots of those below.
  for (const tile of full) {
    const hashes = await readHashes(client, schema, growth, tile, full);
    written.push({
      level: tile.level,
      number: tile.number,
      root: encodeHex(tile.root),
      hashes: encodeHex(encodeTile(hashes)),
    });
  }
  const values = [trail, JSON.stringify(written), grown.size, encodeCompactRange(grown), recordedAtMicros];
  await client.run(inSchema(move, schema), values);
}

/** The hashes of a tile that is full now: those of this batch are at hand, the others are read. */
async function readHashes(
  client: SqlClient,
  schema: string,
  { trail, edge, leaves }: Growth,
  { level, number }: FullTile,
  full: readonly FullTile[],
): Promise<readonly Uint8Array[]> {
  const first = number * tileWidth;
  const end = first + tileWidth;
  if (level === 0) {
    const kept = edge.size <= first ? [] : await readLeaves(client, schema, trail, first, edge.size);
    return [...kept, ...leaves.slice(Math.max(0, first - edge.size), end - edge.size)];
  }
  const below = full.filter((tile) => tile.level === level - 1 && tile.number >= first && tile.number < end);
  const kept = await client.run(
    inSchema(
      "SELECT root AS hash FROM $schema.tile WHERE trail = $1 AND level = $2 AND number >= $3 AND number < $4 ORDER BY number",
      schema,
    ),
    [trail, level - 1, first, below[0]?.number ?? end],
  );
  return [...kept.map(({ hash }) => hash as Uint8Array), ...below.map(({ root }) => root)];
}

async function readLeaves(
  client: SqlClient,
  schema: string,
  trail: number,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const rows = await client.run(
    inSchema("SELECT hash FROM $schema.entry WHERE key >= $1 AND key < $2 ORDER BY key", schema),
    [entryKey(trail, from), entryKey(trail, to)],
  );
  return rows.map(({ hash }) => hash as Uint8Array);
}
