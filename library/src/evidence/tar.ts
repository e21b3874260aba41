/**
 * One file that holds many: a tar archive (POSIX.1-1988 "ustar"), so that any machine can unpack it without us.
 *
 * Before each file stands a block of 512 bytes with its name, size in octal and a checksum; the content is filled up with
 * zeros to whole blocks; two blocks of zeros end the archive. We write regular files only, names of at most 100 ASCII
 * characters, and zeros for owner and time, so that the same evidence is the same file. We read exactly what we write:
 * headers made otherwise are refused, as are a second file of the same name, of which two readers might take one each, and
 * anything hidden in the filling or behind the end. What was packed anew by another program is unpacked, and read as a
 * directory.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar Interchange Format)
 */

import { equalBytes } from "../base/bytes.ts";
import { AuditError, quote } from "../base/errors.ts";
import type { LentMemory } from "../integrity/evidence-files.ts";
import { malformed } from "../integrity/verification-error.ts";
import type { EvidenceFile } from "../integrity/write-evidence-files.ts";

const blockSize = 512;
const maxNameLength = 100;
/** Eleven octal digits. */
const maxSizeBytes = 8 ** 11 - 1;
const safeName = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** The bytes of the archive, in pieces. Errors: `VALUE_INVALID` for a name or size that the format cannot hold. */
export async function* encodeTar(
  files: AsyncIterable<EvidenceFile> | Iterable<EvidenceFile>,
): AsyncIterable<Uint8Array> {
  for await (const { path, bytes } of files) {
    yield encodeHeader(path, bytes.length);
    yield bytes;
    if (bytes.length % blockSize !== 0) yield new Uint8Array(blockSize - (bytes.length % blockSize));
  }
  yield new Uint8Array(2 * blockSize);
}

function encodeHeader(path: string, size: number): Uint8Array {
  if (!isStorable(path, size)) {
    throw new AuditError(
      "VALUE_INVALID",
      `Cannot put ${quote(path)} of ${size} bytes into a tar file: expected a plain path of at most ${maxNameLength} characters and less than 8 GiB.`,
    );
  }
  const header = new Uint8Array(blockSize);
  const put = (text: string, offset: number): void => {
    for (let index = 0; index < text.length; index += 1) header[offset + index] = text.charCodeAt(index);
  };
  put(path, 0);
  put("0000600\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${octal(size, 11)}\0`, 124);
  put(`${octal(0, 11)}\0`, 136);
  put("0", 156);
  put("ustar\x0000", 257);
  put(`${octal(checksum(header), 6)}\0 `, 148);
  return header;
}

function isStorable(path: string, size: number): boolean {
  return safeName.test(path) && path.length <= maxNameLength && size >= 0 && size <= maxSizeBytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** The sum of all bytes, with spaces in the checksum's own place. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

/** Bytes that can be read from anywhere: an open file, or memory. */
export interface RandomAccess {
  readonly size: number;
  /** Fewer bytes only at the end. The bytes become the reader's, in the memory that is lent where some is. */
  read(offset: number, length: number, lent?: LentMemory): Promise<Uint8Array>;
}

export interface TarFile {
  readonly names: readonly string[];
  /** The bytes of a file; `undefined` where there is none of that name. */
  read(name: string, lent?: LentMemory): Promise<Uint8Array | undefined>;
}

/** Reads the table of an archive; contents are read when they are asked for. Errors: `VERIFY_MALFORMED`. */
export async function openTar(source: RandomAccess): Promise<TarFile> {
  const places = new Map<string, { readonly offset: number; readonly size: number }>();
  let offset = 0;
  for (;;) {
    const header = await source.read(offset, blockSize);
    if (header.length < blockSize) throw malformed("Cannot read the archive: it is cut off.");
    if (header.every(isZero)) break;
    const { name, size } = decodeHeader(header);
    if (places.has(name)) throw malformed(`Cannot read the archive: it holds ${quote(name)} twice.`);
    offset += blockSize;
    if (offset + size > source.size) throw malformed(`Cannot read the archive: ${quote(name)} is cut off.`);
    places.set(name, { offset, size });
    offset += Math.ceil(size / blockSize) * blockSize;
  }
  const end = await source.read(offset, 2 * blockSize + 1);
  if (end.length !== 2 * blockSize || !end.every(isZero))
    throw malformed("Cannot read the archive: it does not end as it should.");
  return {
    names: [...places.keys()],
    async read(name, lent) {
      const place = places.get(name);
      if (place === undefined) return undefined;
      const { offset: start, size } = place;
      const blocks = await source.read(start, Math.ceil(size / blockSize) * blockSize, lent);
      if (!blocks.subarray(size).every(isZero))
        throw malformed(`Cannot read the archive: something is hidden behind ${quote(name)}.`);
      return blocks.subarray(0, size);
    },
  };
}

function isZero(byte: number): boolean {
  return byte === 0;
}

/** A header is right when it is, byte for byte, the one that we would write for that name and size. */
function decodeHeader(header: Uint8Array): { readonly name: string; readonly size: number } {
  const text = (from: number, length: number): string =>
    String.fromCharCode(...header.subarray(from, from + length)).replace(/\0[^]*$/, "");
  const name = text(0, maxNameLength);
  const size = Number.parseInt(text(124, 12), 8);
  if (isStorable(name, size) && equalBytes(encodeHeader(name, size), header)) return { name, size };
  throw malformed(`Cannot read the archive: ${quote(name)} is not a plain file as we write them.`);
}

/** Bytes in memory. */
export function bytesInMemory(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: async (offset, length) => bytes.slice(offset, offset + length) };
}
