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

/** A user whom permissions bind, as they do not bind root. */
const nobody = 65_534;

/**
 * How to run a program as an ordinary user: as ourselves, or as nobody where we are root. `undefined` where nobody may
 * not read this repository, as below root's home.
 */
export function ordinaryUser(): { readonly uid?: number } | undefined {
  if (!isRoot) return {};
  try {
    const look = `require("node:fs").accessSync(${JSON.stringify(import.meta.filename)})`;
    execFileSync(process.execPath, ["--eval", look], { uid: nobody, gid: nobody, stdio: "ignore" });
    return { uid: nobody };
  } catch {
    return undefined;
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
