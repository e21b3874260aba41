/** A database, the key that its trails are signed with, and the signing guard: what a process that records and seals needs. */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createKeyFile } from "../../src/sealing/key-file.ts";

export const storeOrigin = "audit.example.com/shop";

export interface SealedPlace {
  readonly file: string;
  readonly keyFile: string;
  readonly guard: string;
}

export function placeIn(directory: string): SealedPlace {
  const file = join(directory, "trail.db");
  return { file, keyFile: `${file}.keys`, guard: `${file}.guard` };
}

/** With a new key; the database is made by whoever opens it first. */
export function makePlace(directory: string): SealedPlace {
  const place = placeIn(directory);
  createKeyFile(place.keyFile, { name: storeOrigin });
  return place;
}

/** A place of its own, in memory where the machine has such a file system: what is looked at there need not be on a disk. */
export function openScratchPlace(): SealedPlace & Disposable {
  const memory = "/dev/shm";
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "auditrail-scratch-"));
  return { ...placeIn(directory), [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

/**
 * Copies what processes that were killed have left. Looking into the files themselves would put them in order, which is
 * for the next process to do. The shared memory of SQLite (`-shm`) is made anew by whoever opens the copy.
 */
export function copyPlace(from: SealedPlace, to: SealedPlace): void {
  const copy = (name: "file" | "keyFile" | "guard", suffix: string): void => {
    if (existsSync(from[name] + suffix)) copyFileSync(from[name] + suffix, to[name] + suffix);
  };
  for (const suffix of ["", "-wal"]) copy("file", suffix);
  for (const suffix of ["", "-journal"]) copy("guard", suffix);
  copy("keyFile", "");
}
