import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import { createIdSource } from "../base/ids.ts";
import { systemClock } from "../base/time.ts";
import { currentContext } from "../context/context.ts";
import type { LegalHold, TrailHead } from "../trail/contracts.ts";
import { defaultTenant } from "../trail/prepare-event.ts";
import { recordOrder } from "./announce.ts";
import { carryOut, resumeErasures } from "./carry-out.ts";
import { assertRangeFree, assertSubjectsFree } from "./check-holds.ts";
import type {
  Erasure,
  ErasureOptions,
  HoldOptions,
  Ordered,
  PruneOptions,
  RedactOptions,
  ShredOptions,
} from "./erasure-types.ts";
import { findParts } from "./find-parts.ts";
import { findPruneEnd } from "./find-prune-end.ts";

/** An entry holds a list of so many with room to spare, and the store's check of the list stays quick. */
const entriesPerOrder = 500;

const orderedNames = ["reason", "actor", "tenant"];
const orderingNames = [...orderedNames, "compact"];

/**
 * Opens erasing on the trails of a store, and first finishes what an earlier process announced and did not carry out.
 *
 * Errors: `OPTION_UNKNOWN`, those of the store.
 *
 * @example
 * const erasure = await openErasure({ trail, store, checkpoint: () => publisher.checkpointNow() });
 * await erasure.shred({ subject: "user/42", reason: "asked to be forgotten, ticket 331", actor });
 */
export async function openErasure(options: ErasureOptions): Promise<Erasure> {
  assertKnownOptions("openErasure()", options, ["trail", "store", "checkpoint", "resume"]);
  const erasure = createErasure(options);
  if (options.resume ?? true) await erasure.resume();
  return erasure;
}

function createErasure(options: ErasureOptions): Erasure {
  const { store } = options;
  return {
    redact: (given) => redact(options, given),
    shred: (given) => shred(options, given),
    prune: (given) => prune(options, given),
    hold: (given) => placeHold(options, given),
    releaseHold: (given) => releaseHold(options, given),
    listHolds: (tenant) => store.listHolds(tenantOf({ tenant })),
    resume: () => resumeErasures(options),
  };
}

async function redact(erasure: ErasureOptions, options: RedactOptions) {
  assertKnownOptions("redact()", options, [...orderingNames, "entries", "query", "subject"]);
  const tenant = tenantOf(options);
  const found = await findParts(erasure, options, tenant);
  await assertSubjectsFree(
    erasure.store,
    tenant,
    found.flatMap(({ subjects }) => subjects),
  );
  const announcedBy: number[] = [];
  for (let index = 0; index < found.length; index += entriesPerOrder) {
    const entries = found.slice(index, index + entriesPerOrder).map(({ seq, parts }) => ({ seq, parts: [...parts] }));
    announcedBy.push(await recordOrder(erasure, "redacted", { entries }, { ...options, tenant }));
  }
  return carryOut(erasure, tenant, announcedBy, options.compact ?? true);
}

async function shred(erasure: ErasureOptions, options: ShredOptions) {
  assertKnownOptions("shred()", options, [...orderingNames, "subject"]);
  const { subject } = options;
  if (typeof subject !== "string" || subject === "")
    throw new AuditError("OPTION_INVALID", "Cannot shred: name the subject as type/id.");
  const tenant = tenantOf(options);
  const head = await headOf(erasure, tenant);
  await assertSubjectsFree(erasure.store, tenant, [subject]);
  // Announced even where nothing is found here: copies may be elsewhere, and the key is what opens them.
  const by = await recordOrder(erasure, "shredded", { subject, to: head.size }, { ...options, tenant });
  return carryOut(erasure, tenant, [by], options.compact ?? true);
}

async function prune(erasure: ErasureOptions, options: PruneOptions) {
  assertKnownOptions("prune()", options, [...orderingNames, "to", "before"]);
  const tenant = tenantOf(options);
  const head = await headOf(erasure, tenant);
  const to = await findPruneEnd(erasure.store, head, options);
  if (to <= head.first) return carryOut(erasure, tenant, [], options.compact ?? true);
  await assertRangeFree(erasure.store, tenant, head.first, to);
  // From 0 every time: the entry that announced the last pruning goes with the next, and this one speaks for both.
  const by = await recordOrder(erasure, "pruned", { from: 0, to }, { ...options, tenant });
  return carryOut(erasure, tenant, [by], options.compact ?? true);
}

const makeName = createIdSource(systemClock);

async function placeHold(erasure: ErasureOptions, options: HoldOptions): Promise<LegalHold> {
  assertKnownOptions("hold()", options, [...orderedNames, "hold", "subject"]);
  const { hold = makeName(), subject } = options;
  const tenant = tenantOf(options);
  const known = (await erasure.store.listHolds(tenant)).find((each) => each.hold === hold);
  if (known !== undefined && known.subject === subject) return known;
  if (known !== undefined)
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot place legal hold ${quote(hold)}: one of that name is in force on something else (entry ${known.seq}). Choose another name.`,
    );
  const on = subject === undefined ? {} : { subject };
  const seq = await recordOrder(erasure, "held", { hold, ...on }, { ...options, tenant });
  return { hold, seq, ...on };
}

async function releaseHold(erasure: ErasureOptions, options: Ordered & { readonly hold: string }): Promise<void> {
  assertKnownOptions("releaseHold()", options, [...orderedNames, "hold"]);
  const tenant = tenantOf(options);
  const holds = await erasure.store.listHolds(tenant);
  if (!holds.some(({ hold }) => hold === options.hold)) {
    const names = holds.map(({ hold }) => quote(hold)).join(", ") || "none";
    throw new AuditError(
      "HOLD_NOT_FOUND",
      `Cannot release legal hold ${quote(options.hold)}: it is not in force on trail ${quote(tenant)}. In force: ${names}.`,
    );
  }
  await recordOrder(erasure, "hold-released", { hold: options.hold }, { ...options, tenant });
}

async function headOf({ store }: ErasureOptions, tenant: string): Promise<TrailHead> {
  const head = (await store.listTrails()).find((each) => each.tenant === tenant);
  return head ?? { tenant, origin: "", size: 0, first: 0, recordedAtMicros: 0 };
}

function tenantOf({ tenant }: { readonly tenant?: string | undefined }): string {
  return tenant ?? currentContext().tenant ?? defaultTenant;
}
