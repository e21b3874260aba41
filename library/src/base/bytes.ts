/** Bytes and their text forms. `Uint8Array` everywhere: these run in the browser too. */

import { AuditError, quote } from "./errors.ts";

// Node's hexadecimal and base64 are ten times faster; asking the process for them instead of importing keeps this file loadable in a browser.
const nodeBuffer = globalThis.process?.getBuiltinModule?.("node:buffer")?.Buffer;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Errors: `VALUE_INVALID` where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new AuditError("VALUE_INVALID", "Cannot read bytes as text: they are not valid UTF-8.", { cause });
  }
}

/** How many bytes a text takes in UTF-8, without making them. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 2; // a pair: two units, four bytes
      index += 1;
    } else bytes += 2; // three bytes; a lone surrogate is encoded as U+FFFD, which takes three as well
  }
  return bytes;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function encodeHex(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  let text = "";
  for (let index = 0; index < bytes.length; index += 1) text += hexDigits[bytes[index]!]!;
  return text;
}

/** Errors: `VALUE_INVALID`. */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) {
    throw new AuditError("VALUE_INVALID", `Cannot read ${quote(text)} as bytes: expected pairs of hexadecimal digits.`);
  }
  if (nodeBuffer !== undefined) return new Uint8Array(nodeBuffer.from(text, "hex"));
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Strict: padding required, no white space, no stray bits. Errors: `VALUE_INVALID`. */
export function decodeBase64(text: string): Uint8Array {
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0) {
    const bytes =
      nodeBuffer === undefined
        ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
        : new Uint8Array(nodeBuffer.from(text, "base64"));
    if (encodeBase64(bytes) === text) return bytes;
  }
  throw new AuditError("VALUE_INVALID", `Cannot read ${quote(text)} as bytes: expected standard base64 with padding.`);
}

/** Finds where some bytes last stand in others, at a position or behind it; -1 where they do not. */
export type FindLastBytes = (bytes: Uint8Array, start: number) => number;

/**
 * A search from the end for the same bytes again and again (Boyer, Moore, Horspool): what is learnt of `wanted` is learnt
 * once. Node's `lastIndexOf` learns it at each call, which takes ten times as long for an entry.
 */
export function createFindLastBytes(wanted: Uint8Array): FindLastBytes {
  const skips = new Uint32Array(256).fill(wanted.length);
  for (let index = wanted.length - 1; index > 0; index -= 1) skips[wanted[index]!] = index;
  return (bytes, start) => {
    for (let at = bytes.length - wanted.length; at >= start; at -= skips[bytes[at]!]!) {
      let same = 0;
      while (same < wanted.length && bytes[at + same] === wanted[same]) same += 1;
      if (same === wanted.length) return at;
    }
    return -1;
  };
}
