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

import { idFromDigest } from "../base/ids.ts";
import { sha256 } from "../base/sha256.ts";
import { formatInstant } from "../base/time.ts";
import type { EventFields } from "../event/event.ts";
import { readLedger } from "./buffered-ledger.ts";
import type { PreparedEntry, Store } from "./contracts.ts";
import type { PrepareEvent } from "./prepare-event.ts";
import { Spool, listSpools } from "./spool.ts";

/** Producers that are open in this process: their files are not left behind. */
const openHere = new Set<string>();

/** The start of the names of a producer's files; says whose they are, so that others know when they are orphans. */
export function claimFiles(producer: string): string {
  openHere.add(producer);
  return `${hostname()}-${process.pid}-${producer}`;
}

export function releaseFiles(producer: string): void {
  openHere.delete(producer);
}

export function ledgerPath(directory: string, name: string): string {
  return join(directory, `${name}.ledger`);
}

export interface RecoverOptions {
  readonly directory: string;
  readonly store: Store<unknown>;
  readonly prepareEvent: PrepareEvent;
}

/** Recovers all orphans of this host. Files that cannot be recovered now stay for the next opening; answers their errors. */
export async function recoverOrphans(options: RecoverOptions): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const name of listOrphans(options.directory)) {
    await recoverOrphan(name, options).catch((error: unknown) => failures.push(error));
  }
  return failures;
}

const producerFiles = /^(.*)-(\d+)-([0-9a-f]{8}-[0-9a-f-]{27})$/;

function listOrphans(directory: string): string[] {
  const names = new Set([...listSpools(directory), ...listLedgers(directory)]);
  return [...names].filter((name) => {
    const [, host, pid, producer] = producerFiles.exec(name) ?? [];
    if (producer === undefined || host !== hostname() || openHere.has(producer)) return false;
    return Number(pid) === process.pid || !isAlive(Number(pid));
  });
}

function listLedgers(directory: string): string[] {
  try {
    return readdirSync(directory).filter((file) => file.endsWith(".ledger")).map((file) => file.slice(0, -".ledger".length));
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
  const producer = producerFiles.exec(name)![3]!;
  const spool = new Spool({ directory, name, maxBytes: 0 });
  const ledger = ledgerPath(directory, name);
  const lost = readLedger(ledger) - (await store.readSettled(producer)) - spool.bufferedRecords();
  if (lost > 0) await store.append([crashGap(producer, lost, ledger, prepareEvent)]);
  if (readLedger(ledger) > 0) removeFile(ledger);
  await spool.drain(async (records) => void (await store.append(records.map(({ entry }) => entry))));
}

function crashGap(producer: string, count: number, ledger: string, prepareEvent: PrepareEvent): PreparedEntry {
  const until = Math.floor(statSync(ledger).mtimeMs) * 1000;
  const fields: EventFields = {
    id: idFromDigest(until, sha256(`auditrail.gap/${producer}`)),
    occurredAt: formatInstant(until),
    actor: { type: "system", id: "auditrail" },
    data: { producer, count, cause: "crash", until: formatInstant(until) },
  };
  return prepareEvent("auditrail.gap", fields).entry;
}

/** Another process may have recovered the same orphan meanwhile. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
