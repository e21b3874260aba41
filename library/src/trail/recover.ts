/**
 * Taking up what an earlier process left: its spool goes into the store, and the buffered events that its crash took
 * are told by a gap entry.
 *
 * Order: the gap entry, whose id follows from the producer, before the ledger that proves the loss is removed, before
 * the spool is emptied. A crash at any point leads to the same entries when it is done again.
 */

import { hostname } from "node:os";
import { readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

import { encodeHex } from "../base/bytes.ts";
import { type AuditError, isAuditError } from "../base/errors.ts";
import { idFromDigest } from "../base/ids.ts";
import { sha256 } from "../base/sha256.ts";
import { formatInstant, systemClock } from "../base/time.ts";
import { readLedger } from "./buffered-ledger.ts";
import type { PreparedEntry, Store } from "./contracts.ts";
import { appendSurely, deliverRecords, type DeliverOptions } from "./deliver-records.ts";
import type { PrepareEvent } from "./prepare-event.ts";
import { prepareGap } from "./prepare-gap.ts";
import { Spool, listSpools } from "./spool.ts";

// Producers that are open in this thread, in any copy of this module: their files are not left behind.
const openKey = Symbol.for("auditrail.producers.v1");
const globals = globalThis as { [openKey]?: Set<string> };
const openHere = (): Set<string> => (globals[openKey] ??= new Set());

/** The start of the names of a producer's files; says whose they are, so that others know when they are orphans. */
export function claimFiles(producer: string, storeOrigin: string): string {
  openHere().add(producer);
  return `${hostname()}-${process.pid}.${startedSeconds()}.${threadId}.${originMark(storeOrigin)}-${producer}`;
}

/** Entries name the trail they were made for, so what waits for one store must not go into another. */
function originMark(storeOrigin: string): string {
  return encodeHex(sha256(storeOrigin)).slice(0, 8);
}

export function releaseFiles(producer: string): void {
  openHere().delete(producer);
}

/** When this process began: tells it from an earlier one with the same id, as containers have. */
function startedSeconds(): number {
  return Math.round(systemClock.nowMicros() / 1e6 - process.uptime());
}

export function ledgerPath(directory: string, name: string): string {
  return join(directory, `${name}.ledger`);
}

export interface RecoverOptions {
  readonly directory: string;
  readonly store: Store<unknown>;
  readonly prepareEvent: PrepareEvent;
}

/** Recovers all orphans of this store. Files that cannot be recovered now stay for the next opening; answers their errors. */
export async function recoverOrphans(options: RecoverOptions): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const name of listOrphans(options)) {
    await recoverOrphan(name, options).catch((error: unknown) => failures.push(error));
  }
  return failures;
}

const producerFiles = /^(.*)-(\d+)\.(\d+)\.(\d+)\.([0-9a-f]{8})-([0-9a-f]{8}-[0-9a-f-]{27})$/;

function listOrphans({ directory, store }: RecoverOptions): string[] {
  const names = new Set([...listSpools(directory), ...listLedgers(directory)]);
  return [...names].filter((name) => isOrphan(name, directory, originMark(store.origin)));
}

function isOrphan(name: string, directory: string, mark: string): boolean {
  const [, host, pid, started, thread, origin, producer] = producerFiles.exec(name) ?? [];
  if (producer === undefined || origin !== mark) return false;
  if (host !== hostname()) return isAbandoned(name, directory);
  if (Number(pid) !== process.pid) return !isAlive(Number(pid));
  if (Math.abs(Number(started) - startedSeconds()) > clockToleranceSeconds) return true;
  // Another thread of this process cannot be asked whether it still runs: its files wait for the next process.
  return Number(thread) === threadId && !openHere().has(producer);
}

/** The clock may have been set since a process began. */
const clockToleranceSeconds = 10;

/**
 * Of another host: most often an earlier container with the same volume, of which nobody can say whether it still runs.
 * Taking up the spool of one that does is harmless, because ids make doubles so.
 */
function isAbandoned(name: string, directory: string): boolean {
  const changed = readdirSync(directory)
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => statSync(join(directory, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(...changed) < systemClock.nowMicros() / 1000 - abandonedAfterMs;
}

const abandonedAfterMs = 3_600_000;

function listLedgers(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith(".ledger"))
      .map((file) => file.slice(0, -".ledger".length));
  } catch {
    return []; // No directory, no ledgers; listSpools() reports a directory that cannot be read.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // Somebody else's process: alive.
  }
}

async function recoverOrphan(name: string, { directory, store, prepareEvent }: RecoverOptions): Promise<void> {
  const producer = producerFiles.exec(name)![6]!;
  const spool = new Spool({ directory, name, maxBytes: 0 });
  const ledger = ledgerPath(directory, name);
  const lost = readLedger(ledger) - (await store.readSettled(producer)) - (await countWaiting(spool, store));
  if (lost > 0) await appendSurely(store, [crashGap(producer, lost, ledger, prepareEvent)]);
  removeFile(ledger);
  let refused = 0;
  const options: DeliverOptions = {
    append: (records) =>
      appendSurely(
        store,
        records.map(({ entry }) => entry),
      ),
    onLost: () => (refused += 1),
  };
  const damage = await spool.drain((records) => deliverRecords(records, options)).catch(onlyDamage);
  const count = refused + Number(damage?.details["damagedLines"] ?? 0);
  if (count > 0) await appendSurely(store, [prepareGap({ producer, count, cause: "spool" }, prepareEvent)]);
  if (damage !== undefined) throw damage;
}

/** Buffered events in the spool that the store does not have: those it has are settled there. */
async function countWaiting(spool: Spool, store: Store<unknown>): Promise<number> {
  let waiting = 0;
  for (const { entry } of spool.readBuffered()) {
    if ((await store.readById(entry.tenant, entry.id)) === undefined) waiting += 1;
  }
  return waiting;
}

function onlyDamage(error: unknown): AuditError {
  if (isAuditError(error) && error.code === "SPOOL_CORRUPT") return error;
  throw error;
}

function crashGap(producer: string, count: number, ledger: string, prepareEvent: PrepareEvent): PreparedEntry {
  const until = Math.floor(statSync(ledger).mtimeMs) * 1000;
  const id = idFromDigest(until, sha256(`auditrail.gap/${producer}`));
  const occurredAt = formatInstant(until);
  return prepareGap({ producer, count, cause: "crash", until: occurredAt }, prepareEvent, { id, occurredAt });
}

/** Another process may have recovered the same orphan meanwhile. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
