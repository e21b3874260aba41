import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

import { AuditError, quote } from "../base/errors.ts";

/** A file that appears under its name when it is whole, or not at all. */
export interface OutputFile {
  /** Errors: `FILE_UNREADABLE`. */
  write(text: string): void;
  /** Flushes and gives it its name. Errors: `FILE_UNREADABLE`. */
  commit(): void;
  /** Takes away what was not committed. */
  discard(): void;
}

export interface OutputFileOptions {
  /** Whether it may replace a file. */
  readonly force: boolean;
  /** The trail's own file, which it never may. */
  readonly store: string;
}

/** Errors: `FILE_UNREADABLE`, `OPTION_INVALID` where the file is there already. */
export function openOutputFile(file: string, { force, store }: OutputFileOptions): OutputFile {
  if (existsSync(file)) assertReplaceable(file, force, store);
  const partial = `${file}.${process.pid}.partial`;
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new AuditError(
        "FILE_UNREADABLE",
        `Cannot write ${quote(file)}: ${quote(found, 200)}. Check the directory and the space left.`,
        { cause },
      );
    }
  };
  // Exports hold personal data: nobody else may read the file unless its owner lets them.
  const descriptor = attempt(() => openSync(partial, "w", 0o600));
  let isOpen = true;
  let isCommitted = false;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return {
    write: (text) => attempt(() => writeAll(descriptor, Buffer.from(text))),
    commit() {
      attempt(() => {
        fsyncSync(descriptor);
        close();
        renameSync(partial, file);
      });
      isCommitted = true;
    },
    discard() {
      close();
      if (!isCommitted) rmSync(partial, { force: true });
    },
  };
}

/** One call may write less than it was given. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

function assertReplaceable(file: string, force: boolean, store: string): void {
  const there = statSync(file);
  // Not every command that writes a file has a trail.
  const trail = statSync(store, { throwIfNoEntry: false });
  if (there.ino === trail?.ino && there.dev === trail.dev) {
    throw new AuditError("OPTION_INVALID", `Cannot export into ${quote(file)}: that is the trail itself.`);
  }
  if (force && there.isFile()) return;
  const todo = there.isFile() ? "Choose another name, or pass --force to replace it" : "Choose the name of a file";
  throw new AuditError("OPTION_INVALID", `Cannot export into ${quote(file)}: it is there already. ${todo}.`);
}
