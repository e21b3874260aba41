/** Arrays as Postgres reads them out of a text, which every driver binds in the same way. */

import { encodeHex } from "../base/bytes.ts";

/** Of numbers, ids and names of ours: what needs no quotes. */
export function plainArray(values: readonly (string | number)[]): string {
  return `{${values.join(",")}}`;
}

export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map(quoted).join(",")}}`;
}

export function byteArray(values: readonly Uint8Array[]): string {
  return `{${values.map((bytes) => `"\\\\x${encodeHex(bytes)}"`).join(",")}}`;
}

function quoted(value: string | null): string {
  if (value === null) return "NULL";
  return /["\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : `"${value}"`;
}
