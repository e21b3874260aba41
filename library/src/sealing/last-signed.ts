/** Does a trail continue what was signed about it last? The question before every signature. */

import { encodeBase64, equalBytes } from "../base/bytes.ts";
import { AuditError, isAuditError, quote } from "../base/errors.ts";
import { formatCheckpoint, type Checkpoint } from "../integrity/checkpoint.ts";
import { rangeRoot, type CompactRange } from "../integrity/compact-range.ts";
import { verifyConsistency } from "../integrity/consistency-proof.ts";
import { verifierKeyOf, type SignerKey } from "../integrity/note-key.ts";
import { openCheckpoint, type OpenedCheckpoint } from "../integrity/open-checkpoint.ts";
import { epochOrigin } from "./epoch.ts";
import { keyFor } from "./key-file.ts";
import type { GuardRecord } from "./signing-guard.ts";
import { makeProofFromTiles, type ReadTile } from "./tree-proofs.ts";

/**
 * The checkpoint of a guard's record, which counts only with a signature of ours: editing the file is of no use to
 * anybody who does not have the key. Errors: `GUARD_INVALID`.
 */
export function openLastSigned(record: GuardRecord, keys: readonly SignerKey[]): OpenedCheckpoint {
  const origin = epochOrigin(record.origin, record.epoch);
  const ours = keys.map((key) => verifierKeyOf(keyFor(origin, key)));
  try {
    return openCheckpoint(record.note, origin, ours);
  } catch (cause) {
    throw new AuditError(
      "GUARD_INVALID",
      `Cannot sign trail ${quote(record.tenant)}: what the signing guard holds about it was not signed by a key of ours. ${(cause as Error).message} ` +
        "Put back the guard file, or the key that is missing from the key file.",
      { details: { tenant: record.tenant, origin, note: record.note }, cause },
    );
  }
}

/** A trail as it stands now. */
export interface PresentTree {
  readonly tenant: string;
  readonly tree: CompactRange;
  readonly readTile: ReadTile;
}

/**
 * Returns when the tree continues the checkpoint: the root at the checkpoint's size, worked out of the tiles that are there now,
 * is the one that was signed, and the root to be signed now follows from the same tiles.
 * Errors: `SIGNING_REFUSED` with both checkpoints in its details, those of the store.
 */
export async function assertContinues(signed: OpenedCheckpoint, present: PresentTree): Promise<void> {
  const { size: oldSize, root: oldRoot } = signed.checkpoint;
  const { size: newSize } = present.tree;
  const newRoot = rangeRoot(present.tree);
  if (newSize < oldSize) throw refusal(signed, present, `it is shorter than that`);
  if (newSize === oldSize) {
    if (equalBytes(oldRoot, newRoot)) return;
    throw refusal(signed, present, "its entries are others");
  }
  try {
    const proof = await makeProofFromTiles(oldSize, newSize, present.readTile);
    verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof });
  } catch (cause) {
    if (!isAuditError(cause) || !cause.code.startsWith("VERIFY_")) throw cause;
    throw refusal(signed, present, `its first ${oldSize} entries, or the tree over them, are others`, cause);
  }
}

function refusal(signed: OpenedCheckpoint, { tenant, tree }: PresentTree, found: string, cause?: unknown): AuditError {
  const { checkpoint } = signed;
  const now = { origin: checkpoint.origin, size: tree.size, root: rangeRoot(tree) };
  const [before, after] = [checkpoint, now].map(({ size, root }) => `size ${size}, root ${encodeBase64(root)}`);
  return new AuditError(
    "SIGNING_REFUSED",
    `Refusing to sign trail ${quote(tenant)}: last signed was ${before}; the store now holds ${after}, which does not continue it: ${found}. ` +
      "Was an older copy of the database put back? Recording goes on. Put the newer database back, or continue with " +
      '`auditrail trail new-epoch --reason "…"`.',
    {
      details: {
        tenant,
        origin: checkpoint.origin,
        signed: describe(checkpoint, signed.text),
        found: describe(now, formatCheckpoint(now)),
      },
      cause,
    },
  );
}

/** Small facts for a program, and the text that was or would have been signed. */
function describe({ size, root }: Pick<Checkpoint, "size" | "root">, text: string) {
  return { size, root: encodeBase64(root), checkpoint: text };
}
