/** Signing one trail's checkpoint, and keeping what was signed. */

import { encodeBase64 } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import { parseCheckpoint } from "../integrity/checkpoint.ts";
import { rangeRoot, type CompactRange } from "../integrity/compact-range.ts";
import type { NoteKey, SignerKey } from "../integrity/note-key.ts";
import { signCheckpoint, type OpenedCheckpoint } from "../integrity/open-checkpoint.ts";
import { isSameKey, parseSignedNote } from "../integrity/signed-note.ts";
import { trailOrigin, type StoredCheckpoint } from "../trail/contracts.ts";
import { epochOrigin, parseEpoch } from "./epoch.ts";
import { keyFor } from "./key-file.ts";
import { assertContinues, openLastSigned, type PresentTree } from "./last-signed.ts";
import type { SealingStore } from "./sealing-types.ts";
import type { GuardRecord, SigningGuard } from "./signing-guard.ts";

export interface Signing {
  readonly store: SealingStore;
  readonly keys: readonly SignerKey[];
  readonly clock: Clock;
  /** Notes of the guard that were verified already, by origin: most are the same from round to round. */
  readonly verified: Map<string, { readonly note: string; readonly opened: OpenedCheckpoint }>;
}

/** A trail that may be signed: it continues what was signed last, or nothing ever was. */
export interface SignableTrail {
  readonly tenant: string;
  readonly origin: string;
  readonly tree: CompactRange;
  readonly last: { readonly record: GuardRecord; readonly opened: OpenedCheckpoint } | undefined;
}

/**
 * Reads a trail and holds it against the guard.
 * Errors: `SIGNING_REFUSED`, `GUARD_INVALID`, `GUARD_MISSING`, those of the store.
 */
export async function openSignable(signing: Signing, guard: SigningGuard, tenant: string): Promise<SignableTrail> {
  const { store } = signing;
  const origin = trailOrigin(store.origin, tenant);
  const record = guard.read(origin);
  if (record === undefined) {
    await assertNeverSigned(store, tenant, origin);
    return { tenant, origin, tree: await store.readTree(tenant), last: undefined };
  }
  const opened = openOnce(signing, record);
  const present = await readPresent(store, tenant);
  await assertContinues(opened, present);
  return { tenant, origin, tree: present.tree, last: { record, opened } };
}

function openOnce({ keys, verified }: Signing, record: GuardRecord): OpenedCheckpoint {
  const signedAs = epochOrigin(record.origin, record.epoch);
  const known = verified.get(signedAs);
  if (known?.note === record.note) return known.opened;
  const opened = openLastSigned(record, keys);
  verified.set(signedAs, { note: record.note, opened });
  return opened;
}

export async function readPresent(store: SealingStore, tenant: string): Promise<PresentTree> {
  return {
    tenant,
    tree: await store.readTree(tenant),
    readTile: (level, index) => store.readTile(tenant, level, index),
  };
}

async function assertNeverSigned(store: SealingStore, tenant: string, origin: string): Promise<void> {
  const [first] = await store.listCheckpoints(tenant, 0, 1);
  if (first === undefined) return;
  throw new AuditError(
    "GUARD_MISSING",
    `Cannot sign trail ${quote(tenant)}: the store holds checkpoints of it, and the signing guard knows of none. Without it nobody can say ` +
      'whether the database is an older copy. Put the guard file back, or continue with `auditrail trail new-epoch --reason "…"`.',
    { details: { tenant, origin, firstCheckpoint: first.note } },
  );
}

export function hasChanged({ tree, last }: SignableTrail): boolean {
  return tree.size !== (last?.opened.checkpoint.size ?? 0);
}

/** The record of a new signature on the tree as it is. It MUST be in the guard before its note is shown to anybody. */
export function signTrail({ keys, clock }: Signing, { tenant, origin, tree, last }: SignableTrail): GuardRecord {
  const epoch = last?.record.epoch ?? 1;
  return {
    ...signEpoch(keys, { origin, epoch, tree, before: last?.opened }),
    origin,
    tenant,
    epoch,
    signedAtMicros: clock.nowMicros(),
    published: false,
  };
}

/** The signed note of a tree in an epoch. */
export function signEpoch(
  keys: readonly SignerKey[],
  {
    origin,
    epoch,
    tree,
    before,
  }: {
    readonly origin: string;
    readonly epoch: number;
    readonly tree: CompactRange;
    readonly before: OpenedCheckpoint | undefined;
  },
): Pick<GuardRecord, "note"> {
  const signedAs = epochOrigin(origin, epoch);
  const signers = chooseSigners(keys, before).map((key) => keyFor(signedAs, key));
  return { note: signCheckpoint({ origin: signedAs, size: tree.size, root: rangeRoot(tree) }, signers) };
}

/**
 * The newest key; and, when it did not sign the checkpoint before, the keys that did: whoever knows only those can
 * follow to the new one. As what was signed before is in the guard, a crash in a rotation changes nothing.
 */
function chooseSigners(keys: readonly SignerKey[], before: OpenedCheckpoint | undefined): readonly SignerKey[] {
  const newest = keys.at(-1)!;
  if (before === undefined) return [newest];
  const signedBefore = (key: SignerKey): boolean => {
    const named: NoteKey = keyFor(before.checkpoint.origin, key);
    return before.verified.some((signature) => isSameKey(signature.key, named));
  };
  return signedBefore(newest) ? [newest] : [...keys.filter(signedBefore), newest];
}

/** What the store keeps of a signed note. */
export function storedCheckpoint({ note }: GuardRecord, createdAtMicros: number): Omit<StoredCheckpoint, "number"> {
  const { size, root } = parseCheckpoint(parseSignedNote(note).text);
  return { size, root, createdAtMicros, note };
}

/** The data of the entry that anchors a checkpoint (`auditrail.checkpointed`). */
export function anchoredData(
  record: GuardRecord,
  { size, root, note }: Pick<StoredCheckpoint, "size" | "root" | "note">,
) {
  return {
    tenant: record.tenant,
    origin: epochOrigin(record.origin, record.epoch),
    size,
    root: encodeBase64(root),
    note,
  };
}

/** The last checkpoint that a store holds of a trail, and its epoch: for when the guard is lost. */
export async function readLastStored(
  store: SealingStore,
  tenant: string,
): Promise<{ readonly note: string; readonly epoch: number } | undefined> {
  const origin = trailOrigin(store.origin, tenant);
  let last: { readonly note: string; readonly epoch: number } | undefined;
  let after = 0;
  for (;;) {
    const page = await store.listCheckpoints(tenant, after, 1_000);
    for (const { note } of page) {
      // Of a note that cannot be read only the text is quoted; it does not count as an epoch.
      const epoch = parseEpoch(note.slice(0, note.indexOf("\n")), origin) ?? 1;
      last = { note, epoch: Math.max(epoch, last?.epoch ?? 1) };
    }
    if (page.length < 1_000) return last;
    after = page.at(-1)!.number;
  }
}
