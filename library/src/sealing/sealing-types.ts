/** What sealing takes and tells; see {@link openSealing}. */

import type { Clock } from "../base/time.ts";
import type { SignerKey } from "../integrity/note-key.ts";
import type { NoteSignature } from "../integrity/signed-note.ts";
import type { Store } from "../trail/contracts.ts";
import type { Receipt } from "../trail/types.ts";

/** The part of a store that sealing uses. */
export type SealingStore = Pick<
  Store<unknown>,
  "origin" | "listTrails" | "readTree" | "readTile" | "putCheckpoint" | "listCheckpoints"
>;

/** `record` of an open trail. */
export type RecordEvent = (action: never, fields: never) => Promise<Receipt>;

/** What a witness is sent. */
export interface CosigningRequest {
  /** The checkpoint, a signed note. */
  readonly note: string;
  readonly size: number;
  /** Makes the proof that the checkpoint continues the one of that size. */
  readonly prove: (oldSize: number) => Promise<readonly Uint8Array[]>;
  readonly signal: AbortSignal;
}

/** Somebody else who remembers checkpoints; `createWitnessClient()` of `auditrail/witness` makes one. */
export interface SealingWitness {
  /** The name of its key. */
  readonly name: string;
  /** Its signatures, verified. Rejects with `WITNESS_UNREACHABLE`, `WITNESS_REFUSED` or `WITNESS_CONFLICT`. */
  cosign(request: CosigningRequest): Promise<readonly NoteSignature[]>;
}

/** Gets a time-stamp token (DER, RFC 3161) over the text of a checkpoint; `createTimestamper()` makes one. */
export type Timestamper = (noteText: string, signal: AbortSignal) => Promise<Uint8Array>;

export interface SealingOptions {
  /** Whose trails are sealed. It stays the trail's: sealing does not close it. */
  readonly store: SealingStore;
  /** `trail.record` of the trail on this store. */
  readonly record: RecordEvent;
  /** As {@link openKeyFile} gives them: the oldest first, the last one signs. */
  readonly keys: readonly SignerKey[];
  /** The guard file; made when it is missing. Beside the key file, where a database restore does not reach it. */
  readonly guard: string;
  /** How often to sign what has changed, in milliseconds; 60,000 by default, 0 for only when asked. */
  readonly intervalMs?: number;
  /** How often to sign what has not changed, so that silence is visible; 3,600,000 by default. */
  readonly idleIntervalMs?: number;
  readonly witnesses?: readonly SealingWitness[];
  readonly timestamp?: Timestamper;
  /** How long a round waits for witnesses and time-stamps, in milliseconds; 10,000 by default. */
  readonly witnessTimeoutMs?: number;
  /** How long a round waits for another process that signs, in milliseconds; 30,000 by default. */
  readonly guardTimeoutMs?: number;
  readonly clock?: Clock;
}

/** Something that went wrong, told in {@link SealingStatus}. */
export interface SealingFailure {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A trail that is not signed; recording into it goes on. */
export interface RefusedTrail extends SealingFailure {
  readonly tenant: string;
}

export interface WitnessStatus {
  readonly name: string;
  /** When it last cosigned, by our clock. */
  readonly cosignedAt?: string;
  /** What went wrong the last time it was asked. */
  readonly failure?: SealingFailure;
}

export interface AnchorCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly at: string;
  /** With all signatures it has got. */
  readonly note: string;
  /** Names of the witnesses that cosigned it. */
  readonly cosignedBy: readonly string[];
  readonly timestamped: boolean;
}

export interface SealingStatus {
  /** `ok`; `refused` while a trail is not signed; `failing` while the last round failed as a whole; `closed`. */
  readonly state: "ok" | "refused" | "failing" | "closed";
  /** When the last round ended. */
  readonly lastRoundAt?: string;
  /** Of the anchor trail, by this process. */
  readonly lastCheckpoint?: AnchorCheckpoint;
  readonly refused: readonly RefusedTrail[];
  readonly witnesses: readonly WitnessStatus[];
  /** Of the time-stamping authority, when one is asked. */
  readonly timestampFailure?: SealingFailure;
  /** Why the last round failed as a whole. */
  readonly failure?: SealingFailure;
}

export interface EpochRequest {
  /** Why; it becomes part of the entry. */
  readonly reason: string;
  /** Who decides. */
  readonly actor: { readonly type: string; readonly id?: string };
  /** In which trails; all that are refused unless said otherwise. */
  readonly tenants?: readonly string[];
}

export interface BegunEpoch {
  readonly tenant: string;
  readonly epoch: number;
  /** What the new epoch's checkpoints are signed as. */
  readonly origin: string;
  /** The position of the entry that says so. */
  readonly seq: number;
}

export interface Sealing extends AsyncDisposable {
  /**
   * Signs everything that has changed, now, and resolves with how it went: trails that are refused are in the status.
   * Errors: `GUARD_LOCKED`, `GUARD_INVALID`, `SEALING_CLOSED`, those of the store.
   */
  checkpointNow(): Promise<SealingStatus>;
  /** Continues trails that are refused under a new epoch, with an entry that says who wanted that and why. Errors: `EPOCH_NEEDLESS`, and those above. */
  beginEpoch(request: EpochRequest): Promise<readonly BegunEpoch[]>;
  status(): SealingStatus;
  /** Ends the round that is under way, and starts no more. Close it before the trail. Closing twice is nothing. */
  close(): Promise<void>;
}
