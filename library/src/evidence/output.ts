/** Writing evidence so that it is there whole, or not at all. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import type { EvidenceFile } from "../integrity/write-evidence-files.ts";

export type Chunk = Uint8Array | string;

/**
 * Writes a file under a temporary name and gives it its own at the end; nobody else may read it. A crash leaves the
 * temporary one. Answers its size. Errors: `FILE_UNREADABLE`, `OPTION_INVALID` where the file is there already, those of the chunks.
 */
export async function writeWhole(file: string, chunks: AsyncIterable<Chunk> | Iterable<Chunk>): Promise<number> {
  if (existsSync(file))
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot write evidence into ${quote(file)}: it is there already. Choose another name.`,
    );
  const partial = `${file}.${process.pid}.partial`;
  const descriptor = attempt(file, () => openSync(partial, "w", 0o600));
  let size = 0;
  try {
    try {
      for await (const chunk of chunks) size += attempt(file, () => writeAll(descriptor, chunk));
      attempt(file, () => fsyncSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
    attempt(file, () => renameSync(partial, file));
    return size;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** One call may write less than it was given. */
function writeAll(descriptor: number, chunk: Chunk): number {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

/** Writes files into a directory that has to be empty or new. Answers their size together. Errors: as {@link writeWhole}. */
export async function writeDirectory(directory: string, files: AsyncIterable<EvidenceFile>): Promise<number> {
  if (existsSync(directory) && attempt(directory, () => readdirSync(directory)).length > 0) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot write evidence into ${quote(directory)}: it has something in it. Choose an empty or a new directory.`,
    );
  }
  let size = 0;
  for await (const { path, bytes } of files) {
    const file = join(directory, path);
    attempt(file, () => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, bytes, { mode: 0o600 });
    });
    size += bytes.length;
  }
  return size;
}

function attempt<Result>(file: string, work: () => Result): Result {
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
}
