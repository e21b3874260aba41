/** What this machine lets a test do to a disk. Each answers `undefined` where it does not. */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";

export const isRoot = process.getuid?.() === 0;

function tryCommand(command: string, ...parameters: readonly string[]): boolean {
  try {
    execFileSync(command, parameters, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A file system of its own, of so many bytes. */
export function mountSmallDisk(sizeBytes: number): string | undefined {
  const directory = join(temporaryDirectory(), "small");
  mkdirSync(directory);
  if (!isRoot || !tryCommand("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", directory)) return undefined;
  onTestFinished(() => void tryCommand("umount", "-l", directory));
  return directory;
}

export function hasCommand(command: string): boolean {
  return tryCommand("which", command);
}
