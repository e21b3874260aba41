/** Evidence as files in a directory, see integrity/evidence-files.ts. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import { openEvidenceFiles, type FileEvidence } from "../integrity/evidence-files.ts";
import type { EvidenceFile } from "../integrity/write-evidence-files.ts";

/** Errors: `VERIFY_MALFORMED`, `FILE_UNREADABLE`. */
export function openEvidenceDirectory(directory: string): Promise<FileEvidence> {
  // Synchronous: nothing else runs meanwhile, and it is several times faster for files of this size.
  return openEvidenceFiles(async (path) => readIfThere(join(directory, path)));
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new AuditError("FILE_UNREADABLE", `Cannot read ${quote(file)}: ${code ?? "unknown error"}.`, { cause });
  }
}

/** Writes files into a directory, which is made where it is missing. Errors: `FILE_UNREADABLE`. */
export async function writeEvidenceDirectory(directory: string, files: AsyncIterable<EvidenceFile>): Promise<void> {
  for await (const { path, bytes } of files) {
    const file = join(directory, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    } catch (cause) {
      throw new AuditError("FILE_UNREADABLE", `Cannot write ${quote(file)}: ${(cause as NodeJS.ErrnoException).code ?? "unknown error"}.`, { cause });
    }
  }
}
