/** Cuts the power at points of a traced run, reopens what is left and counts what was lost. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { checkTrails } from "../../../src/testing/check-trails.ts";
import { isAuditError } from "../../../src/base/errors.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { fates, imageAt, type DiskImage } from "./disk-images.ts";
import { traceDisk, type DiskStep } from "./traced-disk.ts";

export interface PowerCuts {
  readonly images: number;
  /** Images in which an acknowledged event was missing. */
  readonly lost: number;
  /** Images whose database SQLite or our own check found damaged. */
  readonly damaged: readonly string[];
}

/** Traces a run of so many events and reopens at most `maxImages` of the disks it can leave, spread over the run. */
export async function cutPower(synchronous: "FULL" | "NORMAL", events: number, maxImages: number): Promise<PowerCuts> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-power-"));
  try {
    const file = join(directory, "trail.db");
    const child = join(import.meta.dirname, "recording-child.ts");
    const steps = traceDisk([process.execPath, child, file, synchronous, String(events)], file);
    return await reopenImages(steps, file, directory, maxImages);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function reopenImages(steps: readonly DiskStep[], file: string, directory: string, maxImages: number): Promise<PowerCuts> {
  const random = createRandom(7);
  // Before the first acknowledgement there may be no database yet, and nothing was promised.
  const first = steps.findIndex(({ kind }) => kind === "acknowledge") + 1;
  const points = steps.length - first;
  const every = Math.max(1, Math.ceil((points * fates.length) / maxImages));
  const cuts = { images: 0, lost: 0, damaged: [] as string[] };
  for (let number = 0; number < points * fates.length; number += every) {
    const cut = first + 1 + Math.floor(number / fates.length);
    const fate = fates[number % fates.length]!;
    const image = imageAt(steps, cut, fate, random);
    const place = join(directory, `image-${number}`);
    const outcome = await reopen(image, file, place);
    cuts.images += 1;
    if (outcome.lost > 0) cuts.lost += 1;
    if (outcome.damage !== undefined) cuts.damaged.push(`cut ${cut}, ${fate}: ${outcome.damage}`);
    rmSync(place, { recursive: true });
  }
  return cuts;
}

async function reopen({ files, acknowledged }: DiskImage, file: string, place: string): Promise<{ lost: number; damage?: string }> {
  mkdirSync(place);
  for (const [path, bytes] of files) {
    // The shared-memory file does not survive a reboot as it was; SQLite makes it anew.
    if (!path.endsWith("-shm")) writeFileSync(join(place, path.slice(file.length - "trail.db".length)), bytes);
  }
  const copy = join(place, "trail.db");
  try {
    const store = await openSqliteStore({ file: copy, threads: false });
    await checkTrails(store);
    const missing = await Promise.all(acknowledged.map(async (id) => (await store.readById("default", id)) === undefined));
    await store.close();
    const damage = integrityCheck(copy);
    const lost = missing.filter(Boolean).length;
    return damage === "ok" ? { lost } : { lost, damage };
  } catch (error) {
    const damage = isAuditError(error) ? `${error.code}: ${error.message}` : String(error);
    return { lost: acknowledged.length, damage };
  }
}

function integrityCheck(file: string): string {
  const database = new DatabaseSync(file);
  const { integrity_check: result } = database.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
  database.close();
  return result;
}

/** Numbers that look random and are the same every time (a linear congruential generator, Numerical Recipes). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
