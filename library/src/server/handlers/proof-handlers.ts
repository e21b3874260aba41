import { encodeBase64, encodeHex } from "../../base/bytes.ts";
import { isAuditError } from "../../base/errors.ts";
import { formatInstant, parseInstant } from "../../base/time.ts";
import { openEntry } from "../../event/entry.ts";
import { parseCheckpoint } from "../../integrity/checkpoint.ts";
import { rangeRoot } from "../../integrity/compact-range.ts";
import { parseSignedNote } from "../../integrity/signed-note.ts";
import { parseTlogProof } from "../../integrity/tlog-proof.ts";
import { everything } from "../../query/ast.ts";
import { defaultTenant } from "../../trail/prepare-event.ts";
import { trailOrigin, type StoredCheckpoint } from "../../trail/contracts.ts";
import { proveInclusion } from "../../verification/anchor-proofs.ts";
import { proveEntry } from "../../verification/prove-entry.ts";
import { noteRead, type AnyCall, type Handlers } from "../call.ts";
import { assertTenant } from "../caller.ts";
import { askedOf, isText } from "./asked.ts";

export const proofHandlers: Handlers<"readProof" | "listCheckpoints" | "readTrust"> = {
  async readProof(call) {
    const { reader, tenant } = askedOf(call, call.query);
    const { store, reading } = call.services;
    const { seq, hash, text } = await reading.one(reader, tenant, call.parameters.entry);
    await noteRead(call, "proof", tenant, `seq:${seq}`, false);
    const shared = { seq, origin: trailOrigin(store.origin, tenant), leafHash: encodeHex(hash), text };
    const signed = await signedProof(call, tenant, seq);
    if (signed !== undefined) return { ...shared, ...signed };
    const tree = await store.readTree(tenant);
    const path = await proveInclusion(store, tenant, seq, tree.size);
    return {
      ...shared,
      size: tree.size,
      root: encodeBase64(rangeRoot(tree)),
      path: path.map(encodeBase64),
      checkpoint: null,
      tlogProof: null,
    };
  },

  async listCheckpoints(call) {
    const { tenant = defaultTenant, after = -1, limit = 50 } = call.query;
    assertTenant(call.caller, tenant);
    const found = await call.services.store.listCheckpoints(tenant, after, limit);
    const next = found.length < limit ? null : (found.at(-1)?.number ?? null);
    return { checkpoints: found.map(showCheckpoint), next };
  },

  async readTrust(call) {
    const { tenant = defaultTenant } = call.query;
    assertTenant(call.caller, tenant);
    const { store, trail, sealing, lastCheckpoints } = call.services;
    const head = (await store.listTrails()).find((each) => each.tenant === tenant);
    const last = await lastCheckpoints(tenant);
    const { size = 0, first = 0, recordedAtMicros = 0 } = head ?? {};
    const { state, waiting, spooled, lost, refused, unknownActors } = trail.health();
    const gaps = await store.count({ tenant, query: isText("action", "auditrail.gap"), by: [] });
    return {
      ...{ tenant, origin: trailOrigin(store.origin, tenant), size, first },
      lastEventAt: size === 0 ? null : formatInstant(recordedAtMicros),
      ingest: { state, waiting, spooled, lost, refused, unknownActors, lagMs: (await lagMsOf(call, tenant)) ?? null },
      checkpoint: last === undefined ? null : showCheckpoint(last),
      unsealed: Math.max(0, size - (last?.size ?? 0)),
      sealing: sealing?.status().state ?? "absent",
      gaps: gaps[0]?.count ?? 0,
    };
  },
};

/** From happening to being recorded, of the newest entry; `undefined` in an empty trail. */
export async function lagMsOf({ services }: Pick<AnyCall, "services">, tenant: string): Promise<number | undefined> {
  const order = { by: "seq", direction: "newest" } as const;
  const { entries } = await services.store.page({ tenant, query: everything, order, limit: 1 });
  if (entries[0] === undefined) return undefined;
  const { event } = openEntry(entries[0]);
  return Math.max(0, Math.round((entries[0].recordedAtMicros - parseInstant(event.occurredAt)) / 1000));
}

/** The proof against a signed checkpoint; `undefined` while none covers the entry. */
async function signedProof({ services: { store } }: AnyCall, tenant: string, seq: number) {
  const made = await proveEntry(store, tenant, seq).catch((error: unknown) => {
    if (isAuditError(error) && error.code === "PROOF_UNSIGNED") return undefined;
    throw error;
  });
  if (made === undefined) return undefined;
  const { proof, checkpoint: note } = parseTlogProof(made.proof);
  const { size, root } = parseCheckpoint(parseSignedNote(note).text);
  const kept = await findKept(store, tenant, note);
  const shown = { size, root: encodeBase64(root), path: proof.map(encodeBase64), tlogProof: made.proof };
  return { ...shown, checkpoint: kept === undefined ? null : showCheckpoint(kept) };
}

/** The row of a note, for its number and time. */
async function findKept(
  store: AnyCall["services"]["store"],
  tenant: string,
  note: string,
): Promise<StoredCheckpoint | undefined> {
  const perRead = 500;
  for (let after = -1; ;) {
    const found = await store.listCheckpoints(tenant, after, perRead);
    const same = found.find((checkpoint) => checkpoint.note === note);
    if (same !== undefined || found.length < perRead) return same;
    after = found.at(-1)!.number;
  }
}

function showCheckpoint({ number, size, root, createdAtMicros, note, timestamp }: StoredCheckpoint) {
  const createdAt = formatInstant(createdAtMicros);
  return { number, size, root: encodeBase64(root), createdAt, note, timestamped: timestamp !== undefined };
}
