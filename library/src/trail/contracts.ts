/**
 * What a store must and must not do. Every store runs the same cases (`auditrail/testing`, `storeContract`), and the
 * engine relies on nothing else.
 *
 * A store keeps trails, one for each tenant. A trail is a gapless sequence of entries from position 0. Entries are
 * handed over finished: canonical text, leaf hash and sealed personal data; a store derives its own columns from them.
 */

import type { SealedPart, StoredEntry } from "../event/entry.ts";
import type { CatalogueDescription } from "../event/describe.ts";
import type { CompactRange } from "../integrity/compact-range.ts";
import type { DerivedProblem } from "../integrity/evidence.ts";
import type { CountRequest, CountRow, PageRequest } from "../query/request.ts";
import type { Derived } from "./derive.ts";

/** An event that is ready to be kept: everything that must not change between two tries of recording it. */
export interface PreparedEntry {
  readonly tenant: string;
  readonly id: string;
  /** Canonical JSON, at most 65,535 bytes of UTF-8. */
  readonly text: string;
  /** Leaf hash of `text`, 32 bytes. */
  readonly hash: Uint8Array;
  readonly sealed: readonly SealedPart[];
  /** What `text` and `sealed` say, where it was at hand ({@link Store.wantsDerived}); a store has to do without. */
  readonly derived?: Derived | undefined;
}

/** What is kept of an event, whether it has a position yet or not. */
export type KeptEvent = Pick<StoredEntry, "hash" | "text" | "sealed">;

/**
 * Where an entry is: its own new place, or the place of the entry that already has its id. Both are null while the event
 * is durable and has no place yet: in stores that give positions after the commit.
 */
export interface Appended {
  readonly seq: number | null;
  readonly recordedAtMicros: number | null;
  /** What was there before, when the id was known already; the engine decides whether it is the same event. */
  readonly existing?: KeptEvent;
}

/** What a store answers that gives positions at once. */
export interface Placed extends Appended {
  readonly seq: number;
  readonly recordedAtMicros: number;
  readonly existing?: StoredEntry;
}

export interface AppendOptions {
  /** How many buffered events of a producer are settled with this batch, all told; kept in the same transaction. */
  readonly settles?: { readonly producer: string; readonly total: number };
}

export interface PutOptions {
  /** The ids were made just now for these very entries, so that no store can know them and none need be looked for. */
  readonly newIds?: boolean;
}

export interface StoredPage {
  readonly entries: readonly StoredEntry[];
  /** Gives the next page; absent after the last one. */
  readonly next?: string;
}

export interface TrailHead {
  readonly tenant: string;
  readonly origin: string;
  /** How many entries there are: the next position. */
  readonly size: number;
  /** The first position that is still there: 0, or what the trail was pruned to. */
  readonly first: number;
  /** When the last one was recorded; 0 in an empty trail. */
  readonly recordedAtMicros: number;
}

/** What is committed and is no entry yet. */
export interface Backlog {
  /** Events that wait for their position. */
  readonly waiting: number;
  /** How long the first of them has waited, in milliseconds; 0 where none waits. */
  readonly lagMs: number;
  /** Events that were refused after they were committed, because another event has their id; see `doctor`. */
  readonly refused: number;
}

/** An error that no caller was told of. `at` is RFC 3339. */
export interface NotedError {
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** How giving positions goes after the commit, as this process saw it last, at most some seconds ago. */
export interface Placing extends Backlog {
  /** Rounds that failed since the store was opened. */
  readonly failures: number;
  /** Whether the last round failed. */
  readonly isFailing: boolean;
  readonly lastError?: NotedError;
}

/** How far an erasure has got that an entry announces; one that is done is not listed any more. */
export interface PendingErasure {
  /** The position of the entry. */
  readonly seq: number;
  /** `announced`: nothing, or not everything, is removed yet. `removed`: {@link Store.compact} has to follow. */
  readonly state: "announced" | "removed";
}

/** What one erasure removed, this time: nothing where it was done before. */
export interface Erased {
  readonly entries: number;
  /** Compartments of personal data. */
  readonly parts: number;
}

/** A legal hold in force: what it covers is not erased. */
export interface LegalHold {
  readonly hold: string;
  /** On this subject's data; on the whole trail when absent. */
  readonly subject?: string;
  /** The position of its `auditrail.held` entry. */
  readonly seq: number;
}

/** A signed statement about a trail's tree, as it was published. */
export interface StoredCheckpoint {
  /** Counts up in the order of keeping, over all trails of the store; with gaps for a single one. */
  readonly number: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly createdAtMicros: number;
  /** The signed note (C2SP tlog-checkpoint), with all signatures it had when it was kept. */
  readonly note: string;
  /** A time-stamp token over the note's text, where one was asked for: DER, RFC 3161. A note has no place for it. */
  readonly timestamp?: Uint8Array;
}

/**
 * A place where trails live. `Tx` is what its users hold while they are in a transaction of their own.
 *
 * All methods MUST reject with an `AuditError`, never with a driver's error, and with `STORE_CLOSED` after `close()`.
 */
export interface Store<Tx = never> {
  /** `memory`, `sqlite`, …: for people, and for errors. */
  readonly kind: string;

  /** What the origins of its trails start with; made with the store and never changed. */
  readonly origin: string;

  /** Whether entries are to come with `derived`: for a store that derives in the caller's thread, so that no text is parsed for it. */
  readonly wantsDerived?: boolean;

  /**
   * Appends all entries in one transaction, in order, and resolves when they are durable.
   *
   * A store in which many processes write may give positions after the commit. It SHOULD wait for them here, as long as
   * that takes no longer than a write; where it does take longer it answers without.
   *
   * MUST NOT resolve before the commit is on disk. MUST keep the bytes as given. MUST give positions without gaps, in
   * the order given, and never lower `recordedAt` within a trail. An id that is in the trail already, or earlier in
   * the batch, MUST take no new position and MUST answer with `existing`. When it rejects, nothing of the batch is
   * kept, except where it rejects with `STORE_FAILED`: then the outcome is unknown and the ids have to be looked up,
   * which appending again does.
   *
   * Errors: `STORE_FULL`, `STORE_READ_ONLY`, `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FAILED`.
   */
  append(entries: readonly PreparedEntry[], options?: AppendOptions): Promise<readonly Appended[]>;

  /**
   * Appends within the caller's transaction: kept if and when that commits. MUST do its work before it returns, so
   * that it also serves transactions that are synchronous functions. MUST leave the transaction usable, and nothing
   * of the batch behind, when it refuses entries; where the database itself fails, the transaction may be lost with it.
   * MUST NOT make other transactions wait for the end of this one: where that would need a lock on the trail, positions
   * come after the commit, and the answer has none.
   *
   * Errors: `TRANSACTION_INVALID` where `tx` is not an open transaction on this store's database; those of `append`.
   */
  appendIn(
    tx: Tx,
    entries: readonly PreparedEntry[],
    options?: PutOptions,
  ): readonly Appended[] | Promise<readonly Appended[]>;

  /** One page of the entries of a tenant that match, in the order asked for. Errors: `CURSOR_INVALID`. */
  page(request: PageRequest): Promise<StoredPage>;

  /** How many entries match, by the groups asked for, in the order of their keys. */
  count(request: CountRequest): Promise<readonly CountRow[]>;

  /**
   * The entries at positions `from` (included) to `to` (not included), in order; fewer where the trail ends, and where
   * entries were pruned.
   */
  read(tenant: string, from: number, to: number): Promise<readonly StoredEntry[]>;

  readById(tenant: string, id: string): Promise<StoredEntry | undefined>;

  /** All trails of this store, in order of their tenants' names. */
  listTrails(): Promise<readonly TrailHead[]>;

  /** The right edge of a trail's Merkle tree, which commits to all of its entries; the empty one of an unknown tenant. */
  readTree(tenant: string): Promise<CompactRange>;

  /**
   * The hashes that a tile of a trail's tree has now, 32 bytes each (C2SP tlog-tiles); `undefined` where it has none.
   * A full tile MUST NOT change any more.
   */
  readTile(tenant: string, level: number, number: number): Promise<Uint8Array | undefined>;

  /** Keeps what was signed about a tree; never changed, never deleted. */
  putCheckpoint(tenant: string, checkpoint: Omit<StoredCheckpoint, "number">): Promise<void>;

  /** Checkpoints of a trail in the order they were kept, those with a number above `after`. */
  listCheckpoints(tenant: string, after: number, limit: number): Promise<readonly StoredCheckpoint[]>;

  /**
   * Carries out the erasure that the entry at position `by` announces, to its end: removes what it names, and all that
   * was derived from it. This is the only delete there is. Hash tiles, checkpoints and the tree stay as they are.
   *
   * MUST refuse, in the transaction that deletes, what no entry announces (`ERASURE_INVALID`), what no kept checkpoint
   * covers yet (`ERASURE_UNSEALED`), what a legal hold covers (`ERASURE_HELD`), and what one covered when it was
   * announced (`ERASURE_INVALID`: it has to be ordered anew). Long erasures take several
   * transactions; a crash leaves a part removed, and erasing again removes the rest. Afterwards no query, count or
   * word finds what was erased; its bytes may be in the store's files until {@link Store.compact}.
   */
  erase(tenant: string, by: number): Promise<Erased>;

  /**
   * Rewrites the store's files so that nothing that was erased can be read from them any more; nothing where nothing
   * was erased since. Takes the time and, meanwhile, the space of a full copy, and holds up writing. Errors: those of
   * `append`; `STORE_LOCKED` while somebody still reads from before the erasure.
   */
  compact(): Promise<void>;

  /** The erasures that entries of a trail announce and that are not done, in the order of their positions. */
  listErasures(tenant: string): Promise<readonly PendingErasure[]>;

  /** The legal holds in force on a trail, in the order of their positions. */
  listHolds(tenant: string): Promise<readonly LegalHold[]>;

  /**
   * The keys (32 bytes each) under which these subjects' personal data is encrypted in copies, by subject. Those that are
   * missing are made at random, all in one transaction, where `create` is set, and left out where it is not. A key is erased
   * when its subject is shredded.
   */
  readSubjectKeys(
    tenant: string,
    subjects: readonly string[],
    create: boolean,
  ): Promise<ReadonlyMap<string, Uint8Array>>;

  /**
   * What is kept beside the entries at positions `from` (included) to `to` (not included) and does not say what their
   * bytes say; absent in a store that keeps nothing beside them. Ask for some ten thousand positions at a time.
   */
  checkDerived?(tenant: string, from: number, to: number): Promise<readonly DerivedProblem[]>;

  /** The same for what is derived from all entries of a trail together: counts, indexes. */
  checkTotals?(tenant: string): Promise<readonly DerivedProblem[]>;

  /** What is committed and waits for its position; absent in a store that gives positions at once. */
  backlog?(): Promise<Backlog>;

  /**
   * How the work goes that the store does by itself: giving positions after the commit. It asks nobody, so it answers at once
   * and never fails; absent in a store that gives positions at once.
   */
  placing?(): Placing;

  /** How many buffered events of a producer were settled; 0 for an unknown one. */
  readSettled(producer: string): Promise<number>;

  /** Keeps a catalogue's description beside the trails; the same description twice is kept once. */
  putCatalogue(description: CatalogueDescription): Promise<void>;

  readCatalogue(): Promise<CatalogueDescription | undefined>;

  /** Lets go of everything. What was appended before MUST be finished first. Closing twice is nothing. */
  close(): Promise<void>;
}

/** The origin of a tenant's trail: its name towards verifiers and witnesses (C2SP tlog-checkpoint). */
export function trailOrigin(storeOrigin: string, tenant: string): string {
  return `${storeOrigin}/${encodeURIComponent(tenant)}`;
}

/**
 * A name nobody else has, under a domain that cannot exist (RFC 6762 reserves .local), for a store that was given none. Letters alone: digits
 * might happen to be a card number, which redaction masks wherever an event tells of the trail.
 */
export function makeUpOrigin(): string {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    String.fromCharCode(97 + (byte % 16)),
  );
  return `auditrail.local/${letters.join("")}`;
}
