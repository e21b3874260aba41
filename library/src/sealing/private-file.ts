/**
 * Files that only their owner may read, replaced as a whole: a reader sees the old content or the new, never a part.
 *
 * Written is: a temporary file beside it, fsync, rename (or link, where nothing may be replaced), fsync of the
 * directory. A crash before the rename leaves the old file and a temporary one that nobody reads; after it, the new file.
 */

import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { encodeHex } from "../base/bytes.ts";
import { AuditError, isAuditError, quote } from "../base/errors.ts";

/** A key file has a few lines; a limit keeps a wrong path from being read whole. */
const maxSizeBytes = 1_000_000;

/** Errors: `KEY_FILE_MISSING`, `KEY_FILE_EXPOSED`, `KEY_FILE_INVALID`, `FILE_UNREADABLE`. */
export function readPrivateFile(file: string): string {
  const handle = openForReading(file);
  try {
    // Of the open file, not of the path: nobody can exchange it in between.
    const { mode, size } = fstatSync(handle);
    assertPrivate(file, mode);
    if (size > maxSizeBytes) {
      throw new AuditError("KEY_FILE_INVALID", `Cannot read ${quote(file)} as a key file: it has ${size} bytes.`);
    }
    return readFileSync(handle, "utf8");
  } catch (cause) {
    throw isAuditError(cause) ? cause : unusable("read", file, cause);
  } finally {
    closeSync(handle);
  }
}

function openForReading(file: string): number {
  try {
    return openSync(file, "r");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw unusable("read", file, cause);
    throw new AuditError(
      "KEY_FILE_MISSING",
      `There is no key file at ${quote(file)}. Make one with \`auditrail keys new\`.`,
      { cause },
    );
  }
}

/** Windows keeps no such bits: who may read a file is said in its access list, which Node does not show. */
function assertPrivate(file: string, mode: number): void {
  const shared = mode & 0o077;
  if (process.platform === "win32" || shared === 0) return;
  throw new AuditError(
    "KEY_FILE_EXPOSED",
    `Refusing to use the key file ${quote(file)}: its mode is ${(mode & 0o777).toString(8)}, so that others than its owner may open it. ` +
      `Whoever has read it can sign in your name. Run: chmod 600 ${file}; and if others could really read it, make a new key (auditrail keys rotate).`,
    { details: { mode: (mode & 0o777).toString(8) } },
  );
}

/** Errors: `KEY_FILE_EXISTS`, `FILE_UNREADABLE`. */
export function createPrivateFile(file: string, text: string): void {
  writeBeside(file, text, (temporary) => {
    linkSync(temporary, file);
    unlinkSync(temporary);
  });
}

/** Errors: `FILE_UNREADABLE`. */
export function replacePrivateFile(file: string, text: string): void {
  writeBeside(file, text, (temporary) => renameSync(temporary, file));
}

function writeBeside(file: string, text: string, moveThere: (temporary: string) => void): void {
  const temporary = `${file}.${encodeHex(crypto.getRandomValues(new Uint8Array(6)))}.tmp`;
  try {
    const handle = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    moveThere(temporary);
    syncDirectory(dirname(file));
  } catch (cause) {
    removeQuietly(temporary);
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unusable("write", file, cause);
    throw new AuditError(
      "KEY_FILE_EXISTS",
      `There is a key file at ${quote(file)} already; it is left as it is. To add a key to it, run \`auditrail keys rotate\`.`,
      { cause },
    );
  }
}

/** A name in a directory is on disk when the directory is. Windows cannot open one, and does this by itself. */
function syncDirectory(directory: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or is moved already; the error that led here is the one to report.
  }
}

function unusable(doing: string, file: string, cause: unknown): AuditError {
  return new AuditError(
    "FILE_UNREADABLE",
    `Cannot ${doing} the key file ${quote(file)}: ${(cause as Error).message}.`,
    { cause },
  );
}
