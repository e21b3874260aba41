/** Cuts the power at points of a traced run, reopens what is left and counts what was lost. */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { isAuditError } from "../../../src/base/errors.ts";
import { bundleProgram } from "../bundled-program.ts";
import { createRandom } from "../random.ts";
import { makePlace, openScratchPlace, type SealedPlace } from "../sealed-place.ts";
import { verifyPlace } from "../verify-place.ts";
import { fates, imageAt, type DiskImage } from "./disk-images.ts";
import { traceDisk, type DiskStep } from "./traced-disk.ts";

export interface PowerCuts {
  readonly steps: number;
  readonly images: number;
  /** Images in which an acknowledged event was missing. */
  readonly lost: number;
  /** Images that the verifier, SQLite or the signing guard refuses, and why. */
  readonly damaged: readonly string[];
}

export const recordingChild = {
  "recording-child": join(import.meta.dirname, "recording-child.ts"),
  "session-thread": join(import.meta.dirname, "../../../src/stores/sqlite/session-thread.ts"),
};

/** Traces a run of so many events and reopens at most `maxImages` of the disks it can leave, spread over the run. */
export async function cutPower(
  synchronous: "FULL" | "NORMAL",
  events: number,
  maxImages: number,
  seconds = Number.POSITIVE_INFINITY,
): Promise<PowerCuts> {
  using program = await bundleProgram(recordingChild);
  const directory = mkdtempSync(join(tmpdir(), "auditrail-power-"));
  try {
    const place = makePlace(directory);
    const command = [process.execPath, program.file, JSON.stringify(place), synchronous, String(events)];
    const steps = traceDisk(command, program.env, place.file);
    return await reopenImages(steps, place, maxImages, performance.now() + seconds * 1_000);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function reopenImages(
  steps: readonly DiskStep[],
  place: SealedPlace,
  maxImages: number,
  until: number,
): Promise<PowerCuts> {
  const random = createRandom(7);
  // Before the first acknowledgement there may be no database yet, and nothing was promised.
  const first = steps.findIndex(({ kind }) => kind === "acknowledge") + 1;
  const points = steps.length - first;
  const every = Math.max(1, Math.ceil((points * fates.length) / maxImages));
  const cuts = { steps: steps.length, images: 0, lost: 0, damaged: [] as string[] };
  for (let number = 0; number < points * fates.length && performance.now() < until; number += every) {
    const cut = first + 1 + Math.floor(number / fates.length);
    const fate = fates[number % fates.length]!;
    const { isLost, damage } = await reopen(imageAt(steps, cut, fate, random), place);
    cuts.images += 1;
    if (isLost) cuts.lost += 1;
    if (damage !== undefined) cuts.damaged.push(`cut ${cut}, ${fate}: ${damage}`);
  }
  return cuts;
}

async function reopen(
  { files, acknowledged }: DiskImage,
  place: SealedPlace,
): Promise<{ isLost: boolean; damage?: string }> {
  using scratch = openScratchPlace();
  for (const [path, bytes] of files) {
    // The shared-memory file does not survive a reboot as it was; SQLite makes it anew.
    if (!path.endsWith("-shm")) writeFileSync(join(dirname(scratch.file), basename(path)), bytes);
  }
  copyFileSync(place.keyFile, scratch.keyFile);
  try {
    const { lost } = await verifyPlace(scratch, acknowledged, { sign: true });
    return { isLost: lost.length > 0 };
  } catch (error) {
    return { isLost: false, damage: isAuditError(error) ? `${error.code}: ${error.message}` : String(error) };
  }
}
