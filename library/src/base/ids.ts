/**
 * Event ids: UUID version 7 (RFC 9562 section 5.7). 48 bits of Unix milliseconds, then a version, then
 * 74 bits: random for new events, taken from a digest for imported ones (so that the same input has the same id).
 */

import { encodeHex } from "./bytes.ts";
import type { Clock } from "./time.ts";

/** Makes ids; each is greater than the one before it, even within a millisecond or when the clock steps back. */
export type IdSource = () => string;

/** A source of random, ordered ids. Within one millisecond the 12 bits after the version count upwards (RFC 9562 section 6.2, method 1). */
export function createIdSource(clock: Clock): IdSource {
  let lastMillis = 0;
  let counter = 0;
  let pool = new Uint8Array(0);
  let used = 0;
  return () => {
    const millis = Math.floor(clock.nowMicros() / 1000);
    if (millis > lastMillis) [lastMillis, counter] = [millis, 0];
    else counter += 1;
    if (counter > 0xfff) [lastMillis, counter] = [lastMillis + 1, 0];
    if (used + 8 > pool.length) {
      pool = crypto.getRandomValues(new Uint8Array(2048));
      used = 0;
    }
    used += 8;
    return layOut(lastMillis, counter, pool.subarray(used - 8, used));
  };
}

/** The id of something that is not new: its time and a digest of at least 10 bytes of what identifies it. */
export function idFromDigest(micros: number, digest: Uint8Array): string {
  const millis = Math.max(0, Math.floor(micros / 1000));
  return layOut(millis, ((digest[8]! << 8) | digest[9]!) & 0xfff, digest.subarray(0, 8));
}

function layOut(millis: number, twelveBits: number, eightBytes: Uint8Array): string {
  const time = millis.toString(16).padStart(12, "0");
  const tail = encodeHex(eightBytes);
  const variant = (0x8 | ((eightBytes[0]! >> 4) & 0x3)).toString(16);
  const high = `7${twelveBits.toString(16).padStart(3, "0")}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isEventId(text: string): boolean {
  return uuid.test(text) && text[14] === "7" && "89ab".includes(text[19]!);
}

/** The instant inside an id, in microseconds (whole milliseconds). */
export function idMicros(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) * 1000;
}
