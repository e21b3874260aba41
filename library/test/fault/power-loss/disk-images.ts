/**
 * The disks that a power cut can leave: what was synced is there, of the rest any part may be. Synced means a later
 * `fsync` of the same file; removing a file counts as done at once and is undone by none (SQLite does not rely on it).
 */

import type { DiskStep } from "./traced-disk.ts";

export type Fate = "none" | "all" | "random" | "torn";
export const fates: readonly Fate[] = ["none", "all", "random", "torn"];

/** Sectors are written whole; a write that a cut interrupts ends at a sector's border. */
const sectorBytes = 512;

export interface DiskImage {
  readonly files: ReadonlyMap<string, Buffer>;
  /** What had been acknowledged when the power went. */
  readonly acknowledged: readonly string[];
}

/** The disk after a cut before step `cut`, if what was not synced had this fate. */
export function imageAt(steps: readonly DiskStep[], cut: number, fate: Fate, random: () => number): DiskImage {
  const done = steps.slice(0, cut);
  const lastSync = new Map<string, number>();
  done.forEach((step, index) => {
    if (step.kind === "sync") lastSync.set(step.file, index);
  });
  const files = new Map<string, Buffer>();
  const acknowledged: string[] = [];
  done.forEach((step, index) => {
    if (step.kind === "acknowledge") acknowledged.push(step.id);
    else if (step.kind === "remove") files.delete(step.file);
    else if (step.kind !== "sync") applyStep(files, step, index < (lastSync.get(step.file) ?? -1) ? "all" : fate, random, index === cut - 1);
  });
  return { files, acknowledged };
}

function applyStep(
  files: Map<string, Buffer>,
  step: DiskStep & { readonly kind: "write" | "truncate" },
  fate: Fate,
  random: () => number,
  isLast: boolean,
): void {
  const before = files.get(step.file) ?? Buffer.alloc(0);
  if (step.kind === "truncate") {
    if (fate === "all" || (fate === "random" && random() < 0.5)) files.set(step.file, resize(before, step.size));
    return;
  }
  const bytes = survivingPart(step.bytes, fate, random, isLast);
  if (bytes.length === 0 && fate !== "all") return;
  const after = resize(before, Math.max(before.length, step.offset + bytes.length));
  bytes.copy(after, step.offset);
  files.set(step.file, after);
}

function survivingPart(bytes: Buffer, fate: Fate, random: () => number, isLast: boolean): Buffer {
  if (fate === "none" || (fate === "random" && random() < 0.5)) return Buffer.alloc(0);
  if (fate !== "torn" || !isLast) return bytes;
  const sectors = Math.floor(bytes.length / sectorBytes);
  return bytes.subarray(0, Math.floor(random() * (sectors + 1)) * sectorBytes);
}

function resize(bytes: Buffer, size: number): Buffer {
  const resized = Buffer.alloc(size);
  bytes.copy(resized, 0, 0, Math.min(bytes.length, size));
  return resized;
}
