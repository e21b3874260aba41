import { isUtf8 } from "node:buffer";

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line end. Bytes that are not UTF-8 read `\xNN`. Of a line that is too long, the beginning. */
  readonly text: string;
  /** What is wrong with it as a line. */
  readonly flaw?: "too long" | "not UTF-8";
  /** The source ended without a line end after it. */
  readonly unfinished?: true;
}

/** Sixteen times what fits into an entry; a longer line is no log line but a file of another kind. */
export const longestLineBytes = 1024 * 1024;

/** How much of a line that is too long is kept, to show which one it is. */
const keptBytes = 256;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts bytes into lines, in batches as chunks complete them. Empty lines are given like all others. A line longer than
 * `limit` bytes is passed through without being held.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  limit = longestLineBytes,
): AsyncIterable<readonly Line[]> {
  const pending = startLine();
  let number = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      number += 1;
      lines.push(finishLine(pending, bytes.subarray(start, end), number, limit));
      start = end + 1;
    }
    if (start < bytes.length) hold(pending, bytes.subarray(start), limit);
    if (lines.length > 0) yield lines;
  }
  if (pending.sizeBytes > 0) yield [{ ...finishLine(pending, Buffer.alloc(0), number + 1, limit), unfinished: true }];
}

/** The beginning of a line whose end has not come yet. */
interface PendingLine {
  parts: Buffer[];
  sizeBytes: number;
}

function startLine(): PendingLine {
  return { parts: [], sizeBytes: 0 };
}

/** Copies what it keeps: the chunk's memory is used again by whoever made it. */
function hold(pending: PendingLine, part: Buffer, limit: number): void {
  const room = pending.sizeBytes > limit ? 0 : part.length;
  pending.sizeBytes += part.length;
  if (pending.sizeBytes <= limit) pending.parts.push(Buffer.from(part));
  else if (room > 0)
    pending.parts = [Buffer.concat([...pending.parts, part.subarray(0, keptBytes)]).subarray(0, keptBytes)];
}

function finishLine(pending: PendingLine, rest: Buffer, number: number, limit: number): Line {
  let bytes = rest;
  if (pending.sizeBytes > 0) {
    hold(pending, rest, limit);
    bytes = Buffer.concat(pending.parts);
  }
  const sizeBytes = Math.max(pending.sizeBytes, rest.length);
  pending.parts = [];
  pending.sizeBytes = 0;
  if (sizeBytes > limit) return { number, text: showBytes(bytes.subarray(0, keptBytes)), flaw: "too long" };
  if (bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1);
  if (isUtf8(bytes)) return { number, text: bytes.toString("utf8") };
  return { number, text: showBytes(bytes), flaw: "not UTF-8" };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text in which every byte that is not part of valid UTF-8 is written `\xNN`, so that nothing of it is lost. */
export function showBytes(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length;) {
    const length = validLength(bytes, index);
    if (length === 0) text += `\\x${bytes[index]!.toString(16).padStart(2, "0")}`;
    else text += decoder.decode(bytes.subarray(index, index + length));
    index += Math.max(1, length);
  }
  return text;
}

/** The length of the valid UTF-8 sequence that starts at `index`; 0 where none does. */
function validLength(bytes: Uint8Array, index: number): number {
  const lead = bytes[index]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(index, index + length)) ? length : 0;
}
