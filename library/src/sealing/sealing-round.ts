/**
 * One round of sealing, while this process alone has the guard.
 *
 * For each trail: hold it against the guard → sign → **guard on disk** → store → anchor trail → "published" in the guard. Then
 * the anchor trail, whose entries are the tenants' checkpoints: the same, with witnesses and a time-stamp before it is stored.
 *
 * A crash before the guard is written leaves nothing: no signature has left the process. A crash after it leaves a note
 * in the guard that is not published; the next round publishes that same note. At worst the store holds a note twice.
 */

import { AuditError, isAuditError } from "../base/errors.ts";
import { resumeContext } from "../context/context.ts";
import { anchorTenant } from "../event/system-log.ts";
import { formatSignedNote, isSameKey, parseSignedNote } from "../integrity/signed-note.ts";
import { keyFor } from "./key-file.ts";
import { failureOf, timestampPending, type SealingState } from "./sealing-state.ts";
import type { RefusedTrail } from "./sealing-types.ts";
import {
  anchoredData,
  hasChanged,
  openSignable,
  signTrail,
  storedCheckpoint,
  type SignableTrail,
} from "./sign-trail.ts";
import type { GuardRecord, SigningGuard } from "./signing-guard.ts";
import { vouch } from "./vouch.ts";

/** Seals all trails and their anchor. `asked`: now, not when it is time. Errors: those of the store and of the guard. */
export async function sealAll(state: SealingState, guard: SigningGuard, asked: boolean): Promise<void> {
  const refused: RefusedTrail[] = [];
  await sealTenants(state, guard, asked, refused);
  await sealAnchor(state, guard, asked, refused);
  state.refused = refused;
}

async function sealTenants(
  state: SealingState,
  guard: SigningGuard,
  asked: boolean,
  refused: RefusedTrail[],
): Promise<void> {
  const trails: SignableTrail[] = [];
  for (const tenant of await listTenants(state, guard)) {
    const trail = await openOrRefuse(state, guard, tenant, refused);
    if (trail !== undefined && trail.tree.size > 0) trails.push(trail);
  }
  // First what a crash kept from the store; it continues what is there, or it would have been refused.
  await publish(
    state,
    guard,
    trails.flatMap(({ last }) => (last === undefined || last.record.published ? [] : [last.record])),
  );
  const records = trails.filter((trail) => isDue(state, trail, asked)).map((trail) => signTrail(state, trail));
  guard.write(records);
  await publish(state, guard, records);
}

/** Those with a trail, and those whose trail the guard remembers: one that has vanished was rolled back too. */
export async function listTenants({ store }: SealingState, guard: SigningGuard): Promise<readonly string[]> {
  const present = (await store.listTrails()).map(({ tenant }) => tenant);
  const remembered = guard.list(store.origin).map(({ tenant }) => tenant);
  return [...new Set([...present, ...remembered])].filter((tenant) => tenant !== anchorTenant).sort();
}

/** A trail that is refused keeps no other from being signed. */
export async function openOrRefuse(
  state: SealingState,
  guard: SigningGuard,
  tenant: string,
  refused: RefusedTrail[],
): Promise<SignableTrail | undefined> {
  try {
    return await openSignable(state, guard, tenant);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    refused.push({ tenant, ...failureOf(error) });
    return undefined;
  }
}

const refusals = ["SIGNING_REFUSED", "GUARD_MISSING", "GUARD_INVALID"];

/** A tree that cannot be read (`VERIFY_…`) is that trail's trouble as well. */
function isRefusal(error: unknown): error is AuditError {
  return isAuditError(error) && (refusals.includes(error.code) || error.code.startsWith("VERIFY_"));
}

/**
 * Several processes may run sealing: what one has just signed the others leave alone, hence nine tenths of the interval.
 * A signature in the future means that the clock went back: then it is time, or nothing would be signed until it has
 * caught up. After a rotation every trail is due, so that the old key can go.
 */
function isDue(state: SealingState, trail: SignableTrail, asked: boolean): boolean {
  const { clock, intervalMs, idleIntervalMs } = state;
  if (trail.last === undefined || isSignedByOldKey(state, trail.last)) return trail.tree.size > 0;
  const ageMs = (clock.nowMicros() - trail.last.record.signedAtMicros) / 1000;
  if (ageMs < 0) return true;
  return hasChanged(trail) ? asked || ageMs >= intervalMs * 0.9 : ageMs >= idleIntervalMs;
}

function isSignedByOldKey({ keys }: SealingState, { opened }: NonNullable<SignableTrail["last"]>): boolean {
  const newest = keyFor(opened.checkpoint.origin, keys.at(-1)!);
  return !opened.verified.some((signature) => isSameKey(signature.key, newest));
}

/** How many checkpoints are anchored at once, in one commit; a trail takes ten thousand waiting events. */
const anchoredAtOnce = 100;

async function publish(state: SealingState, guard: SigningGuard, records: readonly GuardRecord[]): Promise<void> {
  for (let first = 0; first < records.length; first += anchoredAtOnce) {
    const some = records.slice(first, first + anchoredAtOnce);
    const anchored = [];
    for (const record of some) anchored.push(await keep(state, record));
    await Promise.all(
      anchored.map((data) => recordOwn(state, "auditrail.checkpointed", { tenant: anchorTenant, data })),
    );
    guard.markPublished(some.map(({ origin }) => origin));
  }
}

/** One after the other: each is a commit, and what the application records must not line up behind a hundred of them. */
async function keep(state: SealingState, record: GuardRecord) {
  const checkpoint = storedCheckpoint(record, state.clock.nowMicros());
  await state.store.putCheckpoint(record.tenant, checkpoint);
  return anchoredData(record, checkpoint);
}

const sealingActor = { type: "system", id: "auditrail" };

/** Records without anything of the context that happened to be in force when sealing was opened or asked. */
export function recordOwn({ record }: SealingState, action: string, fields: object) {
  return resumeContext('{"auditrail":1}', () => record(action as never, { actor: sealingActor, ...fields } as never));
}

async function sealAnchor(
  state: SealingState,
  guard: SigningGuard,
  asked: boolean,
  refused: RefusedTrail[],
): Promise<void> {
  const trail = await openOrRefuse(state, guard, anchorTenant, refused);
  if (trail === undefined || trail.tree.size === 0) return;
  const isFirstRound = state.anchor === undefined;
  if (isFirstRound || isDue(state, trail, asked)) {
    // A witness may hold what a crash kept from the store: it is kept before a later one.
    if (trail.last?.record.published === false) await keepUnpublished(state, trail.last.record);
    const record = signTrail(state, trail);
    guard.write([record]);
    return publishAnchor(state, guard, record);
  }
  const { record } = trail.last!;
  if (!record.published) return publishAnchor(state, guard, record);
  if (state.anchor?.ownNote !== record.note) rememberAnchor(state, record, []);
  else if (state.pending.size > 0) await completeAnchor(state, record);
}

async function publishAnchor(state: SealingState, guard: SigningGuard, record: GuardRecord): Promise<void> {
  const names = state.witnesses.map(({ name }) => name);
  rememberAnchor(state, record, state.timestamp === undefined ? names : [...names, timestampPending]);
  await vouch(state);
  await putAnchor(state, record);
  guard.markPublished([record.origin]);
}

async function keepUnpublished(state: SealingState, record: GuardRecord): Promise<void> {
  await state.store.putCheckpoint(anchorTenant, storedCheckpoint(record, state.clock.nowMicros()));
}

/** Without anybody to ask where another process signed it, which asks them itself. */
function rememberAnchor(state: SealingState, record: GuardRecord, pending: readonly string[]): void {
  state.anchor = { ownNote: record.note, note: parseSignedNote(record.note), timestamp: undefined };
  state.anchorKeptAtMicros = record.signedAtMicros;
  state.pending = new Set(pending);
}

/** Asks those again who did not answer when the checkpoint was new. */
async function completeAnchor(state: SealingState, record: GuardRecord): Promise<void> {
  const before = state.pending.size;
  await vouch(state);
  if (state.pending.size < before) await putAnchor(state, record);
}

async function putAnchor(state: SealingState, record: GuardRecord): Promise<void> {
  const { note, timestamp } = state.anchor!;
  const now = state.clock.nowMicros();
  const kept = {
    ...storedCheckpoint(record, now),
    note: formatSignedNote(note),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
  await state.store.putCheckpoint(anchorTenant, kept);
  state.anchorKeptAtMicros = now;
}
