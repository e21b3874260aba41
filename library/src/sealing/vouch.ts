/** Asking others to vouch for the anchor's checkpoint: witnesses that remember it, an authority that says when it was. */

import { formatInstant } from "../base/time.ts";
import { anchorTenant } from "../event/system-log.ts";
import { parseCheckpoint } from "../integrity/checkpoint.ts";
import { addSignature } from "../integrity/signed-note.ts";
import { failureOf, timestampPending, type SealingState } from "./sealing-state.ts";
import type { SealingWitness } from "./sealing-types.ts";
import { makeProofFromTiles } from "./tree-proofs.ts";

/**
 * Asks all who have not vouched yet, at once and for a limited time. Never rejects: whoever fails stays pending, and the
 * status says why.
 */
export async function vouch(state: SealingState): Promise<void> {
  const signal = AbortSignal.any([state.signal, AbortSignal.timeout(state.witnessTimeoutMs)]);
  const asked = state.witnesses
    .filter(({ name }) => state.pending.has(name))
    .map((witness) => askWitness(state, witness, signal));
  if (state.pending.has(timestampPending)) asked.push(askTimestamp(state, signal));
  await Promise.all(asked);
}

async function askWitness(state: SealingState, witness: SealingWitness, signal: AbortSignal): Promise<void> {
  const { ownNote, note } = state.anchor!;
  const { name } = witness;
  const { size } = parseCheckpoint(note.text);
  const prove = (oldSize: number) =>
    makeProofFromTiles(oldSize, size, (level, index) => state.store.readTile(anchorTenant, level, index));
  try {
    const signatures = await untilAborted(witness.cosign({ note: ownNote, size, prove, signal }), signal);
    state.anchor!.note = signatures.reduce(addSignature, state.anchor!.note);
    state.pending.delete(name);
    state.witnessStatus.set(name, { name, cosignedAt: formatInstant(state.clock.nowMicros()) });
  } catch (error) {
    state.witnessStatus.set(name, {
      ...state.witnessStatus.get(name),
      name,
      failure: failureOf(error, "WITNESS_UNREACHABLE"),
    });
  }
}

async function askTimestamp(state: SealingState, signal: AbortSignal): Promise<void> {
  try {
    state.anchor!.timestamp = await untilAborted(state.timestamp!(state.anchor!.note.text, signal), signal);
    state.pending.delete(timestampPending);
    state.timestampFailure = undefined;
  } catch (error) {
    state.timestampFailure = failureOf(error, "TIMESTAMP_FAILED");
  }
}

/** A witness of somebody else's making may not heed the signal; the round must end all the same. */
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
