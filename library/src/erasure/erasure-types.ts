/** What erasing is asked for, and what it answers. */

import type { Entry } from "../event/entry.ts";
import type { Actor } from "../event/event.ts";
import type { LegalHold, Store } from "../trail/contracts.ts";
import type { QueryOptions, Receipt } from "../trail/types.ts";

/** The part of a `Trail` that erasing uses. */
export interface ErasureTrail {
  record(action: never, fields: never): Promise<Receipt>;
  entries(text: string, options?: Omit<QueryOptions, "cursor">): AsyncIterable<Entry>;
}

export interface ErasureOptions {
  readonly trail: ErasureTrail;
  /** The trail's store. */
  readonly store: Store<never>;
  /** Resolves when a signed checkpoint of all trails, with what was recorded before, is kept in the store. */
  readonly checkpoint: () => Promise<unknown>;
  /** Whether to finish first what was announced and not carried out. On by default; off for who only wants to place a hold. */
  readonly resume?: boolean;
}

/** Who asks, and why: both are in the entry that announces it. */
export interface Ordered {
  readonly reason: string;
  /** Who ordered it; the actor of the context in force when absent. */
  readonly actor?: Actor;
  /** Whose trail; the tenant of the context in force, or `default`. */
  readonly tenant?: string;
}

export interface Ordering extends Ordered {
  /** Whether to rewrite the store's files at once. On by default; without it, call `resume()` in a quiet hour. */
  readonly compact?: boolean;
}

export interface RedactOptions extends Ordering {
  /** Positions, and which compartments (`event.sealed[part]`); all of them where no parts are named. */
  readonly entries?: readonly { readonly seq: number; readonly parts?: readonly number[] }[];
  /** All entries that match, instead of `entries`. */
  readonly query?: string;
  /** Only the compartments of this subject, as `type/id`. */
  readonly subject?: string;
}

export interface ShredOptions extends Ordering {
  /** Whose personal data goes, in every entry there is now, and in every copy that left the store. */
  readonly subject: string;
}

export interface PruneOptions extends Ordering {
  /** The entries before this position. */
  readonly to?: number;
  /** The entries recorded before this time (RFC 3339, or a Date), instead of `to`. */
  readonly before?: string | Date;
}

export interface HoldOptions extends Ordered {
  /** A name to release it by; made up when absent. */
  readonly hold?: string;
  /** On this subject's data; on the whole trail when absent. */
  readonly subject?: string;
}

/** What was erased, this time. */
export interface ErasureReport {
  /** Positions of the entries that announce it; none where nothing was left to erase. */
  readonly announcedBy: readonly number[];
  readonly entries: number;
  /** Compartments of personal data. */
  readonly parts: number;
  /** Whether the bytes are gone from the store's files as well. */
  readonly compacted: boolean;
}

/** An erasure that was found announced, and what became of it. */
export interface ResumedErasure {
  readonly tenant: string;
  /** The position of the entry that announces it. */
  readonly seq: number;
  /** `unsealed`: it waits for a checkpoint. `held`: for the release of a legal hold. `invalid`: it can never be done. */
  readonly outcome: "done" | "unsealed" | "held" | "invalid";
}

/** Erasing from trails, so that every proof stays whole. */
export interface Erasure {
  /**
   * Erases personal data of single entries: salt and value go, the entry, its leaf and the commitment stay.
   * Errors: `ERASURE_HELD`, `ERASURE_UNSEALED`, `ENTRY_NOT_FOUND`, `QUERY_INVALID`, `OPTION_INVALID`, those of recording and of the store.
   */
  redact(options: RedactOptions): Promise<ErasureReport>;
  /** Erases all personal data of one subject, and the key of its copies. Errors: as `redact`. */
  shred(options: ShredOptions): Promise<ErasureReport>;
  /** Removes the oldest entries in whole tiles of 256; hashes and checkpoints stay. Errors: as `redact`. */
  prune(options: PruneOptions): Promise<ErasureReport>;
  /** Places a legal hold: from now on what it covers is not erased. Errors: `OPTION_INVALID`, those of recording. */
  hold(options: HoldOptions): Promise<LegalHold>;
  /** Errors: `HOLD_NOT_FOUND`, those of recording. */
  releaseHold(options: Ordered & { readonly hold: string }): Promise<void>;
  /** The legal holds in force. */
  listHolds(tenant?: string): Promise<readonly LegalHold[]>;
  /** Carries out what was announced and not finished: after a crash, a late checkpoint, a released hold. */
  resume(): Promise<readonly ResumedErasure[]>;
}
