/**
 * The disks that a power cut can leave: what was synced is there, of the rest any part may be. Synced means a later
 * `fsync` of the same file; for the removal of a file, one of its directory: until then the file may come back.
 */

import { dirname } from "node:path";

import type { Acknowledged } from "../verify-place.ts";
import type { DiskStep } from "./traced-disk.ts";

export type Fate = "none" | "all" | "random" | "torn";
export const fates: readonly Fate[] = ["none", "all", "random", "torn"];

/** Sectors are written whole; a write that a cut interrupts ends at a sector's border. */
const sectorBytes = 512;

export interface DiskImage {
  readonly files: ReadonlyMap<string, Buffer>;
  /** What had been acknowledged when the power went. */
  readonly acknowledged: readonly Acknowledged[];
}

/** The disk after a cut before step `cut`, if what was not synced had this fate. */
export function imageAt(steps: readonly DiskStep[], cut: number, fate: Fate, random: () => number): DiskImage {
  const done = steps.slice(0, cut);
  const lastSync = new Map<string, number>();
  done.forEach((step, index) => {
    if (step.kind === "sync") lastSync.set(step.file, index);
  });
  const files = new Map<string, GrowingFile>();
  const acknowledged: Acknowledged[] = [];
  /** Removed, and still there because nobody has synced the directory. */
  const lingering = new Set<string>();
  done.forEach((step, index) => {
    const fateOf = (path: string): Fate => (index < (lastSync.get(path) ?? -1) ? "all" : fate);
    if (step.kind === "acknowledge") acknowledged.push(step.acknowledged);
    else if (step.kind === "remove") {
      if (survives(fateOf(dirname(step.file)), random)) files.delete(step.file);
      else lingering.add(step.file);
    } else if (step.kind !== "sync") {
      // Whoever writes to that name again writes to a new file.
      if (lingering.delete(step.file)) files.delete(step.file);
      applyStep(files, step, fateOf(step.file), random, index === cut - 1);
    }
  });
  const whole = [...files].map(([path, { bytes, size }]) => [path, bytes.subarray(0, size)] as const);
  return { files: new Map(whole), acknowledged };
}

/** Whether a step that is done as a whole or not at all was done. */
function survives(fate: Fate, random: () => number): boolean {
  return fate === "all" || (fate === "random" && random() < 0.5);
}

/** Its bytes have room to grow, for a log grows by thousands of writes. */
interface GrowingFile {
  bytes: Buffer;
  size: number;
}

function applyStep(
  files: Map<string, GrowingFile>,
  step: DiskStep & { readonly kind: "write" | "truncate" },
  fate: Fate,
  random: () => number,
  isLast: boolean,
): void {
  if (step.kind === "truncate") {
    if (survives(fate, random)) resize(openFile(files, step.file), step.size);
    return;
  }
  const bytes = survivingPart(step.bytes, fate, random, isLast);
  if (bytes.length === 0 && fate !== "all") return;
  const file = openFile(files, step.file);
  resize(file, Math.max(file.size, step.offset + bytes.length));
  bytes.copy(file.bytes, step.offset);
}

function openFile(files: Map<string, GrowingFile>, path: string): GrowingFile {
  const file = files.get(path) ?? { bytes: Buffer.alloc(0), size: 0 };
  files.set(path, file);
  return file;
}

/** What is beyond the old size reads as zeros. */
function resize(file: GrowingFile, size: number): void {
  if (size > file.bytes.length) {
    const larger = Buffer.alloc(2 * size);
    file.bytes.copy(larger, 0, 0, file.size);
    file.bytes = larger;
  }
  if (size > file.size) file.bytes.fill(0, file.size, size);
  file.size = size;
}

function survivingPart(bytes: Buffer, fate: Fate, random: () => number, isLast: boolean): Buffer {
  if (fate === "none" || (fate === "random" && random() < 0.5)) return Buffer.alloc(0);
  if (fate !== "torn" || !isLast) return bytes;
  const sectors = Math.floor(bytes.length / sectorBytes);
  return bytes.subarray(0, Math.floor(random() * (sectors + 1)) * sectorBytes);
}
