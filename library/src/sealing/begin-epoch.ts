/**
 * Beginning a new epoch: the explicit way on after a trail was refused.
 *
 * For each trail: the entry `auditrail.epoch-begun`, which quotes the checkpoint that could not be continued → a signature on
 * the tree with that entry, under the new epoch's origin → guard. So no checkpoint of the new epoch is of a tree without
 * the entry. A crash after the entry leaves the trail refused; asked again, there are two such entries, the later of
 * which counts. A crash after the guard leaves a note to be published, as in any round.
 */

import { encodeBase64 } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import { anchorTenant } from "../event/system-log.ts";
import { rangeRoot } from "../integrity/compact-range.ts";
import { trailOrigin } from "../trail/contracts.ts";
import { epochOrigin } from "./epoch.ts";
import { listTenants, openOrRefuse, recordOwn } from "./sealing-round.ts";
import type { SealingState } from "./sealing-state.ts";
import type { BegunEpoch, EpochRequest, RefusedTrail } from "./sealing-types.ts";
import { readLastStored, signEpoch } from "./sign-trail.ts";
import type { SigningGuard } from "./signing-guard.ts";

/** Errors: `EPOCH_NEEDLESS`, `OPTION_INVALID`, those of recording, of the store and of the guard. */
export async function beginEpochs(
  state: SealingState,
  guard: SigningGuard,
  request: EpochRequest,
): Promise<readonly BegunEpoch[]> {
  if (typeof request.reason !== "string" || request.reason.trim() === "") {
    throw new AuditError(
      "OPTION_INVALID",
      "Cannot begin a new epoch without a reason: it will be asked for when somebody reads the trail.",
    );
  }
  const tenants = request.tenants ?? (await listRefused(state, guard));
  if (tenants.length === 0) throw needless("every trail continues what was signed about it");
  // The anchor last, so that its first checkpoint has those of the others.
  const inOrder = [...tenants].sort((a, b) => Number(a === anchorTenant) - Number(b === anchorTenant));
  const begun: BegunEpoch[] = [];
  for (const tenant of inOrder) begun.push(await beginOne(state, guard, tenant, request));
  return begun;
}

async function listRefused(state: SealingState, guard: SigningGuard): Promise<readonly string[]> {
  const refused: RefusedTrail[] = [];
  for (const tenant of [...(await listTenants(state, guard)), anchorTenant])
    await openOrRefuse(state, guard, tenant, refused);
  return refused.map(({ tenant }) => tenant);
}

async function beginOne(
  state: SealingState,
  guard: SigningGuard,
  tenant: string,
  { actor, reason }: EpochRequest,
): Promise<BegunEpoch> {
  const { store, keys, clock } = state;
  const origin = trailOrigin(store.origin, tenant);
  const before = await readBefore(state, guard, tenant);
  const epoch = before.epoch + 1;
  const tree = await store.readTree(tenant);
  const data = { epoch, checkpoint: before.note, size: tree.size, root: encodeBase64(rangeRoot(tree)) };
  const { seq } = await recordOwn(state, "auditrail.epoch-begun", { tenant, actor, reason, data });
  if (seq === null) {
    throw new AuditError(
      "STORE_FAILED",
      `Cannot begin a new epoch of trail ${quote(tenant)}: its entry waits in the spool, as the store fails. Try again when it works.`,
    );
  }
  const grown = await store.readTree(tenant);
  const signed = signEpoch(keys, { origin, epoch, tree: grown, before: undefined });
  guard.write([{ origin, tenant, epoch, ...signed, signedAtMicros: clock.nowMicros(), published: false }]);
  return { tenant, epoch, origin: epochOrigin(origin, epoch), seq };
}

/** The checkpoint to quote and the highest epoch known; the guard's, and the store's where the guard was lost. */
async function readBefore(
  { store }: SealingState,
  guard: SigningGuard,
  tenant: string,
): Promise<{ readonly note: string; readonly epoch: number }> {
  const record = guard.read(trailOrigin(store.origin, tenant));
  const stored = await readLastStored(store, tenant);
  const note = record?.note ?? stored?.note;
  if (note === undefined) throw needless(`nothing was ever signed about ${quote(tenant)}`);
  return { note, epoch: Math.max(record?.epoch ?? 1, stored?.epoch ?? 1) };
}

function needless(found: string): AuditError {
  return new AuditError("EPOCH_NEEDLESS", `There is no trail that needs a new epoch: ${found}.`);
}
