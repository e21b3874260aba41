/** Proof files of single entries, out of a live store. */

import { AuditError, quote } from "../base/errors.ts";
import { encodeUtf8 } from "../base/bytes.ts";
import { formatAnchorLine } from "../integrity/evidence-lines.ts";
import { parseCheckpoint } from "../integrity/checkpoint.ts";
import { parseSignedNote } from "../integrity/signed-note.ts";
import { formatTlogProof } from "../integrity/tlog-proof.ts";
import { parseEntry } from "../integrity/verify-entry.ts";
import type { Store, StoredCheckpoint } from "../trail/contracts.ts";
import { findAnchorProof, listAll, proveInclusion } from "./anchor-proofs.ts";

export interface EntryProof {
  /** The text of the entry, which the proof is about. */
  readonly entry: string;
  /** The proof file (C2SP tlog-proof). */
  readonly proof: string;
}

/**
 * Makes the proof of the entry at a position: to the checkpoint that the anchor trail holds and others have vouched for where
 * there is one, else to the newest.
 * Errors: `ENTRY_NOT_FOUND`; `PROOF_UNSIGNED` where no checkpoint covers it yet; those of the store.
 */
export async function proveEntry(store: Store<unknown>, tenant: string, seq: number): Promise<EntryProof> {
  const [stored] = await store.read(tenant, seq, seq + 1);
  if (stored === undefined)
    throw new AuditError(
      "ENTRY_NOT_FOUND",
      `Cannot prove entry ${seq}: trail ${quote(tenant)} has none at that position.`,
    );
  const newest = await findCheckpoint(store, tenant, seq);
  const anchor = await findAnchorProof(store, tenant, newest.size);
  const anchored = anchor === undefined ? undefined : noteOf(anchor.entry);
  const isCovered = anchored !== undefined && anchored.size > seq;
  const { note, size } = isCovered ? anchored : newest;
  const proof = await proveInclusion(store, tenant, seq, size);
  const extra = isCovered && anchor !== undefined ? { extra: encodeUtf8(formatAnchorLine(anchor)) } : {};
  return { entry: stored.text, proof: formatTlogProof({ index: seq, proof, checkpoint: note, ...extra }) };
}

async function findCheckpoint(
  store: Store<unknown>,
  tenant: string,
  seq: number,
): Promise<Pick<StoredCheckpoint, "note" | "size">> {
  let found: StoredCheckpoint | undefined;
  for await (const checkpoint of listAll(store, tenant)) if (checkpoint.size > seq) found = checkpoint;
  if (found !== undefined) return found;
  throw new AuditError(
    "PROOF_UNSIGNED",
    `Cannot prove entry ${seq}: no checkpoint covers it yet. Sign one with \`auditrail trail checkpoint\`.`,
  );
}

function noteOf(entry: Uint8Array): { readonly note: string; readonly size: number } | undefined {
  const note = (parseEntry(entry)?.["data"] as { readonly note?: unknown } | undefined)?.note;
  if (typeof note !== "string") return undefined;
  return { note, size: parseCheckpoint(parseSignedNote(note).text).size };
}
