import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";

import { AuditError, quote } from "../base/errors.ts";

/** What tells one file from another, and an unchanged file from one that grew. */
export interface Fingerprint {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The first bytes, up to {@link headBytes}. */
  readonly head: Uint8Array;
}

/** How much of a source was taken out of it so far: raw bytes, before any decompression. */
export interface BytesRead {
  readonly bytes: number;
  /** SHA-256 of these bytes in hexadecimal. */
  readonly sha256: string;
}

export interface OpenedSource {
  /** Raw bytes, once. Errors: `FILE_UNREADABLE`. */
  readonly chunks: AsyncIterable<Uint8Array>;
  bytesRead(): number;
  digest(): BytesRead;
}

/** A stream of bytes to import from. */
export interface ImportSource {
  /** For people: a file as the user named it. */
  readonly name: string;
  /** Absent for what can be read only once, such as standard input: such a source cannot be continued. */
  readonly fingerprint?: Fingerprint;
  open(): OpenedSource;
  /** SHA-256 of the first `bytes` raw bytes in hexadecimal; `undefined` where there are fewer. Errors: `FILE_UNREADABLE`. */
  digestStart(bytes: number): Promise<string | undefined>;
}

export const headBytes = 64 * 1024;
const chunkBytes = 256 * 1024;

/** A file to import from. Errors: `FILE_UNREADABLE`. */
export async function openFileSource(file: string): Promise<ImportSource> {
  const fingerprint = await readFingerprint(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return {
    name: file,
    fingerprint,
    open: () => openStream(readFile(file)),
    async digestStart(bytes) {
      const hash = createHash("sha256");
      let length = 0;
      for await (const chunk of readFile(file, bytes)) {
        hash.update(chunk);
        length += chunk.length;
      }
      return length === bytes ? hash.digest("hex") : undefined;
    },
  };
}

/** A stream to import from, such as standard input. */
export function openStreamSource(name: string, stream: AsyncIterable<Uint8Array>): ImportSource {
  return { name, open: () => openStream(stream), digestStart: () => Promise.resolve(undefined) };
}

async function readFingerprint(file: string): Promise<Fingerprint> {
  const facts = await stat(file);
  if (facts.isDirectory()) throw new Error("it is a directory");
  const handle = await open(file, "r");
  try {
    // A pipe or a device has no beginning to come back to.
    const head = facts.isFile()
      ? await handle.read(Buffer.alloc(Math.min(headBytes, facts.size)), 0, undefined, 0)
      : undefined;
    return {
      sizeBytes: facts.size,
      modifiedAtMs: facts.mtimeMs,
      head: head === undefined ? new Uint8Array(0) : head.buffer.subarray(0, head.bytesRead),
    };
  } finally {
    await handle.close();
  }
}

async function* readFile(file: string, bytes?: number): AsyncIterable<Uint8Array> {
  if (bytes === 0) return;
  const range = bytes === undefined ? {} : { end: bytes - 1 };
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, ...range }))
      yield chunk as Uint8Array;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): AuditError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new AuditError(
    "FILE_UNREADABLE",
    `Cannot import ${quote(file)}: ${found}. Check the path, and that this user may read it.`,
    { cause, details: { file } },
  );
}

function openStream(stream: AsyncIterable<Uint8Array>): OpenedSource {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* chunks(): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
  return { chunks: chunks(), bytesRead: () => bytes, digest: () => ({ bytes, sha256: hash.copy().digest("hex") }) };
}
