/**
 * Epochs: under which name a trail's checkpoints are signed.
 *
 * In the first epoch a checkpoint's origin is the trail's, in epoch n it is `<origin>/epoch-<n>`. A new epoch is begun by
 * hand, after a fork that cannot be undone: towards witnesses and verifiers it is another log, which they take up
 * knowingly, and not the old one continued as if nothing had been. The tree goes on: entries keep their positions.
 */

import { AuditError } from "../base/errors.ts";

/** The origin of checkpoints in an epoch. */
export function epochOrigin(trailOrigin: string, epoch: number): string {
  if (!Number.isSafeInteger(epoch) || epoch < 1)
    throw new AuditError("VALUE_INVALID", `There is no epoch ${epoch}: they count from 1.`);
  return epoch === 1 ? trailOrigin : `${trailOrigin}/epoch-${epoch}`;
}

/** The epoch that a checkpoint's origin names; `undefined` where it belongs to another trail. */
export function parseEpoch(origin: string, trailOrigin: string): number | undefined {
  if (origin === trailOrigin) return 1;
  const match = /^\/epoch-([1-9]\d{0,8})$/.exec(origin.startsWith(trailOrigin) ? origin.slice(trailOrigin.length) : "");
  const epoch = Number(match?.[1] ?? 1);
  return epoch > 1 ? epoch : undefined;
}
