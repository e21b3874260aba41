import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import { openEvidenceFiles, type FileEvidence, type ReadEvidenceFile } from "../integrity/evidence-files.ts";
import { openTar, type RandomAccess } from "./tar.ts";

export interface OpenedEvidence extends Disposable {
  readonly evidence: FileEvidence;
}

/**
 * Opens evidence as it was exported: the file, or a directory of the same files. Nothing is unpacked, and no more read
 * than is asked for. Errors: `FILE_UNREADABLE`, `VERIFY_MALFORMED`.
 *
 * @example
 * using opened = await openEvidence("trail.evidence.tar");
 * const report = await verifyTrail(opened.evidence, policy);
 */
export async function openEvidence(path: string): Promise<OpenedEvidence> {
  if (attempt(path, () => statSync(path)).isDirectory()) {
    const readFile: ReadEvidenceFile = async (name) => readIfThere(join(path, name));
    return { evidence: await openEvidenceFiles(readFile), [Symbol.dispose]: () => undefined };
  }
  const descriptor = attempt(path, () => openSync(path, "r"));
  try {
    const { read } = await openTar(openFile(path, descriptor));
    return { evidence: await openEvidenceFiles(read), [Symbol.dispose]: () => closeSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openFile(path: string, descriptor: number): RandomAccess {
  return {
    size: attempt(path, () => fstatSync(descriptor)).size,
    // Synchronous: nothing else runs meanwhile, and it is several times faster for pieces of this size.
    read: async (offset, length, lent = { bytes: new Uint8Array(length) }) => {
      // Half as much again, as the next file may be a little larger.
      if (lent.bytes.length < length) lent.bytes = new Uint8Array(length + (length >> 1));
      const count = attempt(path, () => readSync(descriptor, lent.bytes, 0, length, offset));
      return lent.bytes.subarray(0, count);
    },
  };
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(file, cause);
  }
}

function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): AuditError {
  const { code = "unknown error" } = cause as NodeJS.ErrnoException;
  return new AuditError("FILE_UNREADABLE", `Cannot read ${quote(file)}: ${code}. Check the path and its permissions.`, {
    cause,
  });
}
