/**
 * A trail as files: what an export writes and an auditor reads, from a directory, an archive or a web server.
 *
 *     format                `auditrail/evidence@v1` and a newline
 *     origin                the trail's origin and a newline
 *     checkpoint            the newest checkpoint, a signed note (C2SP tlog-checkpoint); the files show the trail at its size
 *     tile/<level>/<index>  hash tiles (C2SP tlog-tiles), partial ones at the right edge included
 *     tile/entries/<index>  entry bundles; absent where all their entries were pruned
 *     selection             which entries are shown, in words, where not all are: the others were left out on purpose
 *     selected/<index>      the entries of a selection, in place of the bundle of that number
 *     sealed/<index>        sealed parts of the entries in the bundle of that number; absent where there are none
 *     checkpoints/<index>   everything that was signed about the trail, oldest first, 256 to a file
 *     anchor/<index>        proofs that checkpoints are entries of the anchor trail
 *     policy                a policy (C2SP tlog-policy) under which the exporter says it verifies; trust one that you got elsewhere
 *
 * Indexes are spelled as in tile paths (`x001/x234/067`). The files with lines are described in evidence-lines.ts. A bundle of which
 * some entries are pruned does not exist: pruning takes whole ones. Other files do not count.
 */

import { encodeUtf8 } from "../base/bytes.ts";
import { quote } from "../base/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import {
  parseAnchorLines,
  parseCheckpointLines,
  parseSealedLines,
  parseSelectedLines,
  type SealedLine,
} from "./evidence-lines.ts";
import type {
  AnchorProof,
  EntryBlock,
  EvidenceCheckpoint,
  EvidenceEntry,
  EvidencePart,
  PositionRange,
  TrailEvidence,
} from "./evidence.ts";
import { parseSignedNote } from "./signed-note.ts";
import { formatTileIndex, formatTilePath } from "./tile-path.ts";
import { tileWidth, tileWidthAt } from "./tile.ts";
import { readText } from "./untrusted-text.ts";
import { asVerificationError, malformed } from "./verification-error.ts";

export const evidenceFormat = "auditrail/evidence@v1";

/**
 * Gives the bytes of a file by its path with slashes; `undefined` where there is none. The bytes become the reader's. They may lie in
 * memory that is lent, which then is lent for the next file.
 */
export type ReadEvidenceFile = (path: string, lent?: LentMemory) => Promise<Uint8Array | undefined>;

/** Memory for many files, one after the other; replaced by more where it is too little. Fresh memory costs more than reading into it. */
export interface LentMemory {
  bytes: Uint8Array;
}

export interface FileEvidence extends TrailEvidence {
  /** The policy that came along. It says nothing of who has signed. */
  readonly policy: string | undefined;
}

/**
 * Opens exported files. Errors: `VERIFY_MALFORMED` where format, origin or checkpoint cannot be read at all, or the format is a newer one.
 *
 * @example
 * const evidence = await openEvidenceFiles((path) => fetchBytes(new URL(path, base)));
 * const report = await verifyTrail(evidence, policy);
 */
export async function openEvidenceFiles(readFile: ReadEvidenceFile): Promise<FileEvidence> {
  const format = (await readTextFile(readFile, "format")) ?? "";
  if (format !== `${evidenceFormat}\n`)
    throw malformed(`Cannot read the files: their format is ${quote(format)}, expected ${quote(evidenceFormat)}.`);
  const [origin, ...more] = ((await readTextFile(readFile, "origin")) ?? "").split("\n");
  if (origin === undefined || more.join("\n") !== "" || more.length !== 1)
    throw malformed("Cannot read the files: the origin is not one line.");
  const note = await readTextFile(readFile, "checkpoint");
  if (note === undefined) throw malformed("Cannot read the files: there is no checkpoint.");
  const { size } = parseCheckpoint(parseSignedNote(note).text);
  const selection = (await readTextFile(readFile, "selection"))?.replace(/\n$/, "");
  const readBlocks = selection === undefined ? readEntries : readSelected;
  return {
    ...{ origin, size, policy: await readTextFile(readFile, "policy") },
    ...(selection === undefined ? {} : { selection }),
    readEntries: (from, to) => readBlocks(readFile, size, from, to),
    async readTile(level, index) {
      const width = tileWidthAt(level, index, size);
      return width === 0 ? undefined : readFile(formatTilePath({ level, index, width }));
    },
    readEdge: () => Promise.resolve(undefined),
    readCheckpoints: () => readCheckpoints(readFile, note),
    readAnchorProofs: () => readAnchorProofs(readFile),
  };
}

async function readTextFile(readFile: ReadEvidenceFile, path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  return bytes === undefined ? undefined : readText(bytes, path);
}

async function* readEntries(
  readFile: ReadEvidenceFile,
  size: number,
  from: number,
  to: number,
): AsyncIterable<EntryBlock> {
  const lent: LentMemory = { bytes: new Uint8Array(0) };
  for (let index = Math.floor(from / tileWidth); index * tileWidth < Math.min(to, size); index += 1) {
    const width = tileWidthAt(0, index, size);
    const bundle = await readFile(formatTilePath({ kind: "entries", index, width }), lent);
    if (bundle === undefined) continue;
    const block = readBundle(bundle, index * tileWidth, width, await readParts(readFile, index));
    const isInside = index * tileWidth >= from && (index + 1) * tileWidth <= to;
    yield isInside ? block : { ...block, entries: block.entries.filter(({ seq }) => seq >= from && seq < to) };
  }
}

async function* readSelected(
  readFile: ReadEvidenceFile,
  size: number,
  from: number,
  to: number,
): AsyncIterable<EntryBlock> {
  for (let index = Math.floor(from / tileWidth); index * tileWidth < Math.min(to, size); index += 1) {
    const bytes = await readFile(`selected/${formatTileIndex(index)}`);
    if (bytes === undefined) continue;
    const [first, end] = [index * tileWidth, index * tileWidth + tileWidthAt(0, index, size)];
    const parts = await readParts(readFile, index);
    const lines = readOrNothing(() => parseSelectedLines(bytes));
    // A file that cannot be read holds something that cannot; one that holds another tile's entries is as bad.
    if (lines.length === 0 || lines.some(({ seq }) => seq < first || seq >= end)) {
      yield { entries: [], unreadable: [{ from: first, to: end }] };
      continue;
    }
    const shown = lines.filter(({ seq }) => seq >= from && seq < to);
    yield { entries: shown.map(({ seq, entry }) => ({ seq, bytes: entry, parts: parts?.get(seq) ?? noParts })) };
  }
}

const noParts: readonly EvidencePart[] = [];

/** As entry-bundle.ts says, but what can be read before a fault is read. More than the width of the tile is too much. */
function readBundle(bytes: Uint8Array, first: number, width: number, parts: PartsBySeq): EntryBlock {
  const entries: EvidenceEntry[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const size = bytes[offset]! * 256 + (bytes[offset + 1] ?? 0);
    const end = offset + 2 + size;
    if (end > bytes.length) return { entries, unreadable: restOf(first + entries.length, first + width) };
    const seq = first + entries.length;
    entries.push({
      seq,
      bytes: bytes.subarray(offset + 2, end),
      parts: parts === undefined ? noParts : (parts.get(seq) ?? noParts),
    });
    offset = end;
  }
  return { entries };
}

/** The rest of a bundle; at least one position, as something is there. */
function restOf(from: number, to: number): readonly PositionRange[] {
  return [{ from, to: Math.max(to, from + 1) }];
}

type PartsBySeq = ReadonlyMap<number, readonly SealedLine[]> | undefined;

/** Where the file cannot be read, its parts are missing: the entries commit to them. */
async function readParts(readFile: ReadEvidenceFile, index: number): Promise<PartsBySeq> {
  const bytes = await readFile(`sealed/${formatTileIndex(index)}`);
  return bytes === undefined
    ? undefined
    : Map.groupBy(
        readOrNothing(() => parseSealedLines(bytes)),
        ({ seq }) => seq,
      );
}

function readOrNothing<Line>(read: () => readonly Line[]): readonly Line[] {
  try {
    return read();
  } catch (error) {
    asVerificationError(error);
    return [];
  }
}

async function* readCheckpoints(readFile: ReadEvidenceFile, newest: string): AsyncIterable<EvidenceCheckpoint> {
  for (let index = 0; ; index += 1) {
    const bytes = await readFile(`checkpoints/${formatTileIndex(index)}`);
    if (bytes === undefined) break;
    try {
      yield* parseCheckpointLines(bytes);
    } catch (error) {
      asVerificationError(error);
      yield { note: "" };
    }
  }
  yield { note: newest };
}

async function* readAnchorProofs(readFile: ReadEvidenceFile): AsyncIterable<AnchorProof> {
  for (let index = 0; ; index += 1) {
    const bytes = await readFile(`anchor/${formatTileIndex(index)}`);
    if (bytes === undefined) return;
    try {
      yield* parseAnchorLines(bytes);
    } catch (error) {
      asVerificationError(error);
      yield { entry: encodeUtf8(""), proof: "" };
    }
  }
}
