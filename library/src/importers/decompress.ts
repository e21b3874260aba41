import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { AuditError } from "../base/errors.ts";

const gunzippedBytes = 256 * 1024;
const gzipMagic = [0x1f, 0x8b];
const utf8Mark = [0xef, 0xbb, 0xbf];

/**
 * The text bytes of a source: gunzipped where they are gzip, whatever the file is called, and without a UTF-8 mark.
 *
 * Errors: `IMPORT_INVALID` for UTF-16, which several Windows programs write, and for gzip data that is damaged or cut off.
 */
export async function* decompress(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const raw = await peek(chunks, 2);
  yield* startsWith(raw.head, gzipMagic) ? readText(gunzip(raw.all)) : readText(raw.all);
}

async function* readText(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, all } = await peek(chunks, 3);
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) {
    throw new AuditError(
      "IMPORT_INVALID",
      "Cannot import: the text is UTF-16. Convert it to UTF-8 first, for example with `iconv -f UTF-16 -t UTF-8`.",
    );
  }
  let skip = startsWith(head, utf8Mark) ? utf8Mark.length : 0;
  for await (const chunk of all) {
    const passed = Math.min(skip, chunk.length);
    skip -= passed;
    yield passed === 0 ? chunk : chunk.subarray(passed);
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzipped = createGunzip({ chunkSize: gunzippedBytes });
  let failure: unknown;
  pipeline(Readable.from(chunks), gunzipped, (error) => (failure = error ?? undefined));
  try {
    for await (const chunk of gunzipped as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw isZlibError(error) ? damaged(error) : error;
  }
  if (failure !== undefined) throw failure as Error;
}

function isZlibError(error: unknown): boolean {
  return typeof error === "object" && error !== null && String((error as { code?: unknown }).code).startsWith("Z_");
}

function damaged(cause: unknown): AuditError {
  return new AuditError(
    "IMPORT_INVALID",
    "Cannot read on: the gzip data is damaged, or was cut off. Get the file again; what was read so far is kept, and is not recorded twice.",
    {
      cause,
    },
  );
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

interface Peeked {
  readonly head: Uint8Array;
  /** Everything, the head included. */
  readonly all: AsyncIterable<Uint8Array>;
}

/** Looks at the first bytes; chunks may be as small as one byte. */
async function peek(chunks: AsyncIterable<Uint8Array>, count: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, all: continueFrom(head, iterator) };
}

async function* continueFrom(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
