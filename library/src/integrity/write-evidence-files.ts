/** Writing a trail as the files that evidence-files.ts describes. */

import { concatBytes, decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { AuditError } from "../base/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { encodeEntryBundle } from "./entry-bundle.ts";
import { evidenceFormat } from "./evidence-files.ts";
import {
  formatAnchorLine,
  formatCheckpointLine,
  formatSealedLine,
  formatSelectedLine,
  type SealedLine,
} from "./evidence-lines.ts";
import { keepEntry, type EvidenceCheckpoint, type EvidenceEntry, type TrailEvidence } from "./evidence.ts";
import { parseSignedNote } from "./signed-note.ts";
import { formatTileIndex, formatTilePath } from "./tile-path.ts";
import { listTiles, tileWidth, tileWidthAt } from "./tile.ts";
import { malformed } from "./verification-error.ts";

export interface EvidenceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface WriteEvidenceOptions {
  /** The checkpoint to export at: a signed note, and not larger than the trail. What is newer is left out. */
  readonly checkpoint: string;
  /** The text of a policy to put in. */
  readonly policy?: string;
  /** Which entries to show, where not all: `says` so in words. The hashes of the others are written all the same. */
  readonly select?: { readonly says: string; readonly wants: (entry: EvidenceEntry) => boolean };
  /** What becomes of each sealed part; as it is, unless said otherwise. `undefined` leaves it out. */
  readonly sealPart?: (part: SealedLine) => Promise<SealedLine | undefined>;
}

const linesPerFile = 256;

/**
 * The files of a trail as it was at a checkpoint, in no particular order. Nothing is verified here.
 * Errors: `VALUE_INVALID` for a checkpoint beyond the end of the trail, `VERIFY_MALFORMED` for a checkpoint that is none and for a hole
 * among the entries; those of the source.
 */
export async function* writeEvidenceFiles(
  evidence: TrailEvidence,
  options: WriteEvidenceOptions,
): AsyncIterable<EvidenceFile> {
  const { size } = parseCheckpoint(parseSignedNote(options.checkpoint).text);
  if (size > evidence.size)
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot export at size ${size}: the trail has only ${evidence.size} entries.`,
    );
  yield text("format", `${evidenceFormat}\n`);
  yield text("origin", `${evidence.origin}\n`);
  yield text("checkpoint", options.checkpoint);
  if (options.policy !== undefined) yield text("policy", options.policy);
  if (options.select !== undefined) yield text("selection", `${options.select.says}\n`);
  yield* writeTiles(evidence, size);
  for await (const entries of tilesOf(evidence, size)) yield* writeBundle(entries, options);
  yield* writeLines("checkpoints", mapLines(checkpointsUpTo(evidence, size), formatCheckpointLine));
  yield* writeLines("anchor", mapLines(evidence.readAnchorProofs?.() ?? [], formatAnchorLine));
}

function text(path: string, content: string): EvidenceFile {
  return { path, bytes: encodeUtf8(content) };
}

async function* writeTiles(evidence: TrailEvidence, size: number): AsyncIterable<EvidenceFile> {
  for (const { level, index, width } of listTiles(size)) {
    const bytes = (await evidence.readTile(level, index))?.subarray(0, width * 32);
    if (bytes !== undefined) yield { path: formatTilePath({ level, index, width }), bytes };
  }
}

/** The entries below `size`, a tile at a time; tiles without any are left out. */
async function* tilesOf(evidence: TrailEvidence, size: number): AsyncIterable<readonly EvidenceEntry[]> {
  let tile: EvidenceEntry[] = [];
  for await (const block of evidence.readEntries(0, size)) {
    for (const entry of block.entries) {
      if (tile.length > 0 && Math.floor(tile[0]!.seq / tileWidth) !== Math.floor(entry.seq / tileWidth)) {
        yield tile;
        tile = [];
      }
      tile.push(keepEntry(entry));
    }
  }
  if (tile.length > 0) yield tile;
}

/** What was signed about more than is exported would contradict it. */
async function* checkpointsUpTo(evidence: TrailEvidence, size: number): AsyncIterable<EvidenceCheckpoint> {
  for await (const checkpoint of evidence.readCheckpoints()) {
    if (parseCheckpoint(parseSignedNote(checkpoint.note).text).size <= size) yield checkpoint;
  }
}

async function* writeBundle(
  entries: readonly EvidenceEntry[],
  options: WriteEvidenceOptions,
): AsyncIterable<EvidenceFile> {
  const index = Math.floor(entries[0]!.seq / tileWidth);
  const { size } = parseCheckpoint(parseSignedNote(options.checkpoint).text);
  const width = tileWidthAt(0, index, size);
  const misplaced = entries.findIndex(({ seq }, place) => seq !== index * tileWidth + place);
  if (misplaced >= 0 || entries.length !== width) {
    const missing = index * tileWidth + (misplaced >= 0 ? misplaced : entries.length);
    throw malformed(
      `Cannot export: the entry at position ${missing} is missing, and its neighbours are not. Verify the trail first.`,
    );
  }
  const shown = options.select === undefined ? entries : entries.filter(options.select.wants);
  if (options.select === undefined) yield bundleOf(entries, index, width);
  else if (shown.length > 0) yield text(`selected/${formatTileIndex(index)}`, shown.map(selectedLine).join(""));
  const lines: string[] = [];
  for (const { seq, parts } of shown) {
    for (const part of parts) {
      const sealed = await (options.sealPart === undefined ? { ...part, seq } : options.sealPart({ ...part, seq }));
      if (sealed !== undefined) lines.push(formatSealedLine(sealed));
    }
  }
  if (lines.length > 0) yield text(`sealed/${formatTileIndex(index)}`, lines.join(""));
}

function selectedLine({ seq, bytes }: EvidenceEntry): string {
  return formatSelectedLine({ seq, entry: typeof bytes === "string" ? bytes : decodeUtf8(bytes) });
}

function bundleOf(entries: readonly EvidenceEntry[], index: number, width: number): EvidenceFile {
  const bytes = entries.map((entry) => (typeof entry.bytes === "string" ? encodeUtf8(entry.bytes) : entry.bytes));
  return { path: formatTilePath({ kind: "entries", index, width }), bytes: encodeEntryBundle(bytes) };
}

async function* mapLines<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  format: (item: Item) => string,
): AsyncIterable<string> {
  for await (const item of items) yield format(item);
}

async function* writeLines(folder: string, lines: AsyncIterable<string>): AsyncIterable<EvidenceFile> {
  let index = 0;
  let waiting: Uint8Array[] = [];
  for await (const line of lines) {
    waiting.push(encodeUtf8(line));
    if (waiting.length < linesPerFile) continue;
    yield { path: `${folder}/${formatTileIndex(index)}`, bytes: concatBytes(...waiting) };
    index += 1;
    waiting = [];
  }
  if (waiting.length > 0) yield { path: `${folder}/${formatTileIndex(index)}`, bytes: concatBytes(...waiting) };
}
