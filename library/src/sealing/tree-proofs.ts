/** Proofs out of the tiles that a store has now. */

import { makeConsistencyProof } from "../integrity/consistency-proof.ts";
import type { HashReader } from "../integrity/merkle-tree.ts";
import { createTileHashReader, listTilesForReads } from "../integrity/tile-hash-reader.ts";

/** The hashes that a tile has now; `Store.readTile` of one trail. */
export type ReadTile = (level: number, index: number) => Promise<Uint8Array | undefined>;

/**
 * The proof that the first `oldSize` leaves begin the first `newSize`. What it is worth only verification says.
 * Errors: `VERIFY_MALFORMED` where a tile is missing or too short, `VALUE_INVALID`, those of the store.
 */
export async function makeProofFromTiles(
  oldSize: number,
  newSize: number,
  readTile: ReadTile,
): Promise<readonly Uint8Array[]> {
  const run = (read: HashReader): readonly Uint8Array[] => makeConsistencyProof(oldSize, newSize, read);
  const tiles = new Map<string, Uint8Array | undefined>();
  for (const { level, index } of listTilesForReads(newSize, run))
    tiles.set(`${level}/${index}`, await readTile(level, index));
  return run(createTileHashReader(newSize, ({ level, index }) => tiles.get(`${level}/${index}`)));
}
