/**
 * Verifies what a fault has left, from outside and whole: the file, the store's answers, every trail by the verifier that
 * auditors use, and that what was acknowledged is there once, at the position that the acknowledgement named.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { parseEventText, type StoredEntry } from "../../src/event/entry.ts";
import { createVerifierKey } from "../../src/integrity/note-key.ts";
import type { TlogPolicy } from "../../src/integrity/policy.ts";
import type { VerificationReport } from "../../src/integrity/verify-report.ts";
import { verifyTrail } from "../../src/integrity/verify-trail.ts";
import { openKeyFile } from "../../src/sealing/key-file.ts";
import { openSealing } from "../../src/sealing/open-sealing.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { checkTrails } from "../../src/testing/check-trails.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { checkSqliteFile } from "../contracts/check-sqlite-file.ts";
import { storeOrigin, type SealedPlace } from "./sealed-place.ts";

/** An event that `record()` resolved for. */
export interface Acknowledged {
  readonly tenant: string;
  readonly seq: number;
  readonly id: string;
}

/** Reads the line `ACK <tenant> <seq> <id>`; `undefined` for any other. */
export function parseAcknowledged(line: string): Acknowledged | undefined {
  const [kind, tenant, seq, id] = line.split(" ");
  return kind === "ACK" ? { tenant: tenant!, seq: Number(seq), id: id! } : undefined;
}

export interface VerifiedPlace {
  /** Acknowledged events that are not where they were acknowledged. */
  readonly lost: readonly Acknowledged[];
  readonly entries: number;
  readonly checkpoints: number;
  /** Of each trail. */
  readonly reports: Readonly<Record<string, VerificationReport>>;
}

export interface VerifyPlaceOptions {
  /** Signs all trails first, as the next process would: the guard must not refuse, and the signatures cover everything. */
  readonly sign?: boolean;
  /** Leaves what is derived from entries to the verifier, instead of looking with a second pair of eyes. */
  readonly quick?: boolean;
}

/** Rejects with an `AssertionError` where anything but the acknowledged events is not as it has to be; those are `lost`. */
export async function verifyPlace(
  place: SealedPlace,
  acknowledged: readonly Acknowledged[],
  { sign = false, quick = false }: VerifyPlaceOptions = {},
): Promise<VerifiedPlace> {
  // A fault may come before there is a database at all; one that is lost shows by what was acknowledged.
  const store = await openSqliteStore({ file: place.file, createIfMissing: true, origin: storeOrigin, threads: false });
  try {
    if (quick) checkPages(place.file);
    else checkSqliteFile(place.file);
    const entries = await checkTrails(store);
    const lost = await findLost(store, acknowledged);
    await assertGuardIsAhead(store, place);
    if (lost.length === 0 && sign) await signAll(store, place);
    const reports = await verifyTrails(store, place);
    if (lost.length === 0 && sign) {
      for (const [tenant, { provenSize, size }] of Object.entries(reports))
        assert.equal(provenSize, size, `the last checkpoint covers all of ${tenant}`);
    }
    const checkpoints = Object.values(reports).reduce((sum, report) => sum + report.checkpoints.kept, 0);
    return { lost, entries, checkpoints, reports };
  } finally {
    await store.close();
  }
}

function checkPages(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  const found = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assert.deepEqual(found.map(Object.values), [["ok"]], "SQLite finds its pages sound");
}

/** Every trail, each by the policy that believes this place's keys; also while others go on writing. */
export async function verifyTrails(
  store: Store<never>,
  { keyFile }: Pick<SealedPlace, "keyFile">,
): Promise<Readonly<Record<string, VerificationReport>>> {
  const policy = policyOf(keyFile);
  const reports: Record<string, VerificationReport> = {};
  for (const { tenant } of await store.listTrails()) {
    const report = await verifyTrail(await openStoreEvidence(store, tenant), policy);
    const { verdict, findings, positions, provenSize, properties } = report;
    const said = `trail ${tenant}: ${JSON.stringify({ verdict, findings, positions })}`;
    assert.deepEqual([findings, positions], [[], []], said);
    // Before the first checkpoint nothing is proven, and nothing is wrong either.
    assert.equal(verdict, provenSize === 0 ? "unproven" : "verified", said);
    assert.equal(properties.inclusion.established, provenSize > 0, said);
    reports[tenant] = report;
  }
  return reports;
}

function policyOf(keyFile: string): TlogPolicy {
  const logs = openKeyFile(keyFile).keys.map(({ publicKey }) => ({ key: createVerifierKey(storeOrigin, publicKey) }));
  return { logs, witnesses: [], groups: [], quorum: "none" };
}

async function findLost(store: Store<never>, acknowledged: readonly Acknowledged[]): Promise<readonly Acknowledged[]> {
  const kept = new Map<string, readonly StoredEntry[]>();
  for (const { tenant } of await store.listTrails()) kept.set(tenant, await store.read(tenant, 0, 1_000_000));
  const isKept = ({ tenant, seq, id }: Acknowledged): boolean => {
    const entry = kept.get(tenant)?.[seq];
    return entry?.seq === seq && parseEventText(entry.text).id === id;
  };
  // That no id is there twice, checkTrails() has seen.
  return acknowledged.filter((each) => !isKept(each));
}

/** What is signed stands in the guard before anybody else sees it: the guard never knows less than the store. */
async function assertGuardIsAhead(store: Store<never>, { guard }: SealedPlace): Promise<void> {
  const guarded = readGuardedSizes(guard);
  for (const { tenant } of await store.listTrails()) {
    const stored = (await store.listCheckpoints(tenant, 0, 100_000)).map(({ size }) => size);
    const [largest, known] = [Math.max(0, ...stored), guarded.get(tenant) ?? 0];
    assert.ok(largest <= known, `the guard knows of size ${known} of ${tenant}, and the store holds ${largest}`);
  }
}

function readGuardedSizes(guard: string): ReadonlyMap<string, number> {
  if (!existsSync(guard)) return new Map();
  const database = new DatabaseSync(guard);
  try {
    const hasTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'guard'").get() !== undefined;
    const rows = hasTable ? database.prepare("SELECT tenant, note FROM guard").all() : [];
    return new Map(rows.map(({ tenant, note }) => [tenant as string, Number((note as string).split("\n")[1])]));
  } finally {
    database.close();
  }
}

async function signAll(store: Store<never>, { keyFile, guard }: SealedPlace): Promise<void> {
  const trail = await openTrail({ catalogue: openCatalogue(), store, exitHooks: false });
  const { keys } = openKeyFile(keyFile);
  await using sealing = openSealing({ store, record: trail.record, keys, guard, intervalMs: 0 });
  const { state, refused } = await sealing.checkpointNow();
  assert.deepEqual({ state, refused }, { state: "ok", refused: [] }, "the guard signs on after the fault");
}
