/** How many bytes values take as canonical JSON, without writing it. */

import { utf8Length } from "../base/bytes.ts";
import type { PlainJson } from "./plain-json.ts";

/** Sizes of lists and objects, so that each is measured once. */
export type Sizes = Map<PlainJson[] | { [name: string]: PlainJson }, number>;

export function measure(value: PlainJson, sizes: Sizes): number {
  switch (typeof value) {
    case "string":
      return textSize(value);
    case "number":
      return String(value).length;
    case "boolean":
      return value ? 4 : 5;
    default:
      if (value === null) return 4;
  }
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += measure(item, sizes) + 1;
  else for (const name of Object.keys(value)) size += textSize(name) + measure(value[name]!, sizes) + 2;
  sizes.set(value, size);
  return size;
}

const needsEscape = /[\u0000-\u001f"\\]/;

/** Bytes of a text in quotes. */
export function textSize(text: string): number {
  return needsEscape.test(text) ? utf8Length(JSON.stringify(text)) : utf8Length(text) + 2;
}

/** The longest prefix of whole characters that takes at most `room` bytes inside quotes. */
export function prefixWithin(text: string, room: number): string {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const code = text.codePointAt(end)!;
    bytes += escapedBytes(code);
    if (bytes > room) break;
    end += code > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

function escapedBytes(code: number): number {
  if (code < 0x20) return 6;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}
