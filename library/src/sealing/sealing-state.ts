/** What sealing knows from one round to the next. None of it is needed for safety: that is the guard's. */

import { encodeBase64 } from "../base/bytes.ts";
import type { ErrorCode } from "../base/error-codes.ts";
import { isAuditError } from "../base/errors.ts";
import { formatInstant } from "../base/time.ts";
import { parseCheckpoint } from "../integrity/checkpoint.ts";
import { formatSignedNote, type SignedNote } from "../integrity/signed-note.ts";
import type {
  AnchorCheckpoint,
  RecordEvent,
  RefusedTrail,
  SealingFailure,
  SealingStatus,
  SealingWitness,
  Timestamper,
  WitnessStatus,
} from "./sealing-types.ts";
import type { Signing } from "./sign-trail.ts";

export interface SealingState extends Signing {
  readonly record: RecordEvent;
  readonly intervalMs: number;
  readonly idleIntervalMs: number;
  readonly witnesses: readonly SealingWitness[];
  readonly timestamp: Timestamper | undefined;
  readonly witnessTimeoutMs: number;
  /** Aborted when sealing is closed. */
  readonly signal: AbortSignal;

  refused: readonly RefusedTrail[];
  /** The anchor's last checkpoint, as this process has seen it: as we signed it, and with all that was added. */
  anchor: { readonly ownNote: string; note: SignedNote; timestamp: Uint8Array | undefined } | undefined;
  anchorKeptAtMicros: number;
  /** Who has not vouched for it yet: names of witnesses, and {@link timestampPending}. */
  pending: Set<string>;
  readonly witnessStatus: Map<string, WitnessStatus>;
  timestampFailure: SealingFailure | undefined;
  failure: SealingFailure | undefined;
  lastRoundAtMicros: number | undefined;
  closed: boolean;
}

/** Stands among names of witnesses, which have no white space. */
export const timestampPending = "time stamp";

/** `otherwise` is the code of what is no error of ours, such as that of a timeout. */
export function failureOf(error: unknown, otherwise: ErrorCode = "STORE_FAILED"): SealingFailure {
  if (isAuditError(error)) return { code: error.code, message: error.message, details: error.details };
  return { code: otherwise, message: String(error), details: {} };
}

export function describeState(state: SealingState): SealingStatus {
  const witnesses = state.witnesses.map(({ name }) => state.witnessStatus.get(name) ?? { name });
  const conflict = witnesses.some(({ failure }) => failure?.code === "WITNESS_CONFLICT");
  const isRefused = state.refused.length > 0 || conflict;
  return {
    state: state.closed ? "closed" : state.failure !== undefined ? "failing" : isRefused ? "refused" : "ok",
    ...(state.lastRoundAtMicros === undefined ? {} : { lastRoundAt: formatInstant(state.lastRoundAtMicros) }),
    ...(state.anchor === undefined ? {} : { lastCheckpoint: describeAnchor(state, state.anchor) }),
    refused: state.refused,
    witnesses,
    ...(state.timestampFailure === undefined ? {} : { timestampFailure: state.timestampFailure }),
    ...(state.failure === undefined ? {} : { failure: state.failure }),
  };
}

function describeAnchor(
  state: SealingState,
  { note, timestamp }: NonNullable<SealingState["anchor"]>,
): AnchorCheckpoint {
  const { origin, size, root } = parseCheckpoint(note.text);
  const names = new Set(note.signatures.map(({ name }) => name));
  return {
    ...{
      origin,
      size,
      root: encodeBase64(root),
      at: formatInstant(state.anchorKeptAtMicros),
      note: formatSignedNote(note),
    },
    cosignedBy: state.witnesses.map(({ name }) => name).filter((name) => names.has(name)),
    timestamped: timestamp !== undefined,
  };
}
