/**
 * What a verifier reads: a trail as it lies somewhere, in a store or in exported files.
 *
 * Nothing of it is believed. A source gives what it finds, also what cannot be right; only where it cannot be
 * read at all (no such file, a broken disk) does it throw, with an error that is no `VerificationError`.
 */

/** A source reads in order, and only what is asked for, so that a trail of any length passes through little memory. */
export interface TrailEvidence {
  /** The trail's origin; the checkpoints of epoch n (from 2 on) name it with `/epoch-<n>` behind. */
  readonly origin: string;
  /** How many entries the source says that the trail has. */
  readonly size: number;

  /** Where the source shows only some entries, on purpose: which, in words. Of the others it has the leaf hashes, in the tiles. */
  readonly selection?: string;

  /**
   * The entries that are there at positions `from` (included) to `to` (not included), in order; also beyond `size`. Their bytes are
   * good until the next block is asked for: a source may read that into the same memory.
   */
  readEntries(from: number, to: number): AsyncIterable<EntryBlock>;

  /** The hashes of a tile as the source keeps it (C2SP tlog-tiles), partial ones at the right edge included. */
  readTile(level: number, index: number): Promise<Uint8Array | undefined>;

  /** The right edge as it is kept, see compact-range.ts; `undefined` where the source keeps none. */
  readEdge(): Promise<Uint8Array | undefined>;

  /** Everything that was signed about the trail, oldest first. */
  readCheckpoints(): AsyncIterable<EvidenceCheckpoint>;

  /** Proofs that a checkpoint of this trail is an entry of an anchor trail, which others have cosigned. */
  readAnchorProofs?(): AsyncIterable<AnchorProof>;

  /** Where the source derives columns from the entries' bytes: what does not fit at these positions. */
  checkDerived?(from: number, to: number): Promise<readonly DerivedProblem[]>;

  /** The same for what is derived from all entries together: counts, indexes. */
  checkTotals?(): Promise<readonly DerivedProblem[]>;
}

/** Some entries, as many as the source reads at once. */
export interface EntryBlock {
  readonly entries: readonly EvidenceEntry[];
  /** Positions at which there is something that cannot be read as an entry. */
  readonly unreadable?: readonly PositionRange[];
}

/** Positions `from` (included) to `to` (not included). */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

export interface EvidenceEntry {
  readonly seq: number;
  /** The entry; a text stands for its UTF-8. */
  readonly bytes: Uint8Array | string;
  /** The leaf hash that is kept beside it, where one is. */
  readonly leafHash?: Uint8Array;
  /** The sealed parts that are there, in any order. */
  readonly parts: readonly EvidencePart[];
}

/** The entry in memory of its own, to be kept when the next block is asked for. */
export function keepEntry(entry: EvidenceEntry): EvidenceEntry {
  return typeof entry.bytes === "string" ? entry : { ...entry, bytes: entry.bytes.slice() };
}

/**
 * One compartment of personal data. It is `open` when salt and bytes can be read, `locked` when they are there but
 * encrypted, and the key is not.
 */
export type EvidencePart = OpenPart | LockedPart;

export interface OpenPart {
  readonly index: number;
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface LockedPart {
  readonly index: number;
  readonly subject: string;
  readonly locked: true;
}

export interface EvidenceCheckpoint {
  /** The signed note. */
  readonly note: string;
  /** Size and root as they are kept beside the note, where they are. */
  readonly size?: number;
  readonly root?: Uint8Array;
  /** A time-stamp token (RFC 3161, DER) over the text of the note. */
  readonly timestamp?: Uint8Array;
}

/** An entry `auditrail.checkpointed` of the anchor trail that holds a checkpoint of this trail, and the proof that it is there. */
export interface AnchorProof {
  readonly entry: Uint8Array;
  /** A proof file, see tlog-proof.ts; its checkpoint is the anchor trail's. */
  readonly proof: string;
  /** A time-stamp token over the text of the anchor's checkpoint. */
  readonly timestamp?: Uint8Array;
}

/** Something that is kept besides the bytes and does not say what the bytes say. */
export interface DerivedProblem {
  /** The entry; `null` where it is no single one. */
  readonly seq: number | null;
  /** The column, table or index. */
  readonly column: string;
  /** One sentence, without values of the event. */
  readonly says: string;
}
