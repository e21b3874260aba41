/** The objects of JavaScript that are more than their members: dates, maps, sets, errors, bytes and the like. */

import { decodeUtf8, encodeBase64 } from "../base/bytes.ts";
import { mask } from "./secret-text.ts";
import { setMember, type PlainJson, type PlainObject } from "./plain-json.ts";
import {
  enterMember,
  leaveMember,
  longestArray,
  readItems,
  readMembers,
  readText,
  standIn,
  widestObject,
  type Reading,
} from "./reading.ts";
import { note } from "./walk.ts";

/** Bytes beyond this never fit an entry as base64. */
const mostBytes = 49_152;

type Convert = (value: never, reading: Reading) => PlainJson | undefined;

/** By the tag that `Object.prototype.toString` gives, which unlike `instanceof` also knows objects of other realms. */
const converters: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ["Date", readDate],
  ["Map", readMap],
  ["Set", readSet],
  ["Error", readError],
  ["DOMException", readError],
  ["ArrayBuffer", (value: ArrayBuffer, reading) => readBytes(new Uint8Array(value), reading)],
  ["SharedArrayBuffer", (value: SharedArrayBuffer, reading) => readBytes(new Uint8Array(value), reading)],
  ["RegExp", (value: RegExp, reading) => readText(RegExp.prototype.toString.call(value), reading)],
  ["Number", (value: object, reading) => reading.read(Number.prototype.valueOf.call(value), reading)],
  ["String", (value: object, reading) => reading.read(String.prototype.valueOf.call(value), reading)],
  ["Boolean", (value: object) => Boolean.prototype.valueOf.call(value)],
  ["BigInt", (value: object, reading) => reading.read(BigInt.prototype.valueOf.call(value), reading)],
  ["Symbol", (value: object, reading) => reading.read(Symbol.prototype.valueOf.call(value), reading)],
  ["URL", (value: URL, reading) => readText(value.href, reading)],
  ["URLSearchParams", (value: URLSearchParams, reading) => readText(value.toString(), reading)],
  ["Headers", readPairs],
  ["FormData", readPairs],
  ...["Promise", "WeakMap", "WeakSet", "WeakRef", "Generator", "AsyncGenerator"].map((kind): [string, Convert] => [
    kind,
    (_, reading) => standIn(reading, "opaque", `[${kind}]`),
  ]),
]);

/** `undefined` for an object that is only its members; `json` is undefined where it has no place in JSON. */
export function convertExotic(value: object, reading: Reading): { readonly json: PlainJson | undefined } | undefined {
  if (ArrayBuffer.isView(value)) return { json: readView(value, reading) };
  const converter = converters.get(Object.prototype.toString.call(value).slice(8, -1));
  if (converter === undefined) return undefined;
  const before = reading.steps.length;
  try {
    return { json: converter(value as never, reading) };
  } catch {
    // An object that only claims the tag: its members are all it is.
    reading.steps.length = before;
    return undefined;
  }
}

/** JavaScript knows milliseconds; the microseconds are written so that every time has one form. */
function readDate(value: Date, reading: Reading): string {
  const millis = Date.prototype.getTime.call(value);
  if (Number.isNaN(millis)) return standIn(reading, "invalid-date", "Invalid Date");
  return `${new Date(millis).toISOString().slice(0, -1)}000Z`;
}

function readView(view: ArrayBufferView, reading: Reading): PlainJson {
  const isNumbers = !(view instanceof DataView) && "length" in view && (view as Uint8Array).BYTES_PER_ELEMENT > 1;
  if (isNumbers) return readItems(view as unknown as ArrayLike<unknown>, (view as Uint16Array).length, reading);
  return readBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), reading);
}

/** Base64, unless the bytes are a text with a secret in it: base64 would carry the secret past every later look. */
function readBytes(bytes: Uint8Array, reading: Reading): string {
  if (bytes.length > mostBytes) return standIn(reading, "bytes", `[${bytes.length} bytes]`);
  if (holdsSecret(bytes, reading)) return standIn(reading, "secret-shaped", mask);
  if (bytes.length > 0) note(reading, "bytes");
  return readText(encodeBase64(bytes), reading);
}

function holdsSecret(bytes: Uint8Array, reading: Reading): boolean {
  try {
    const text = decodeUtf8(bytes);
    return reading.vocabulary.maskText(text) !== text;
  } catch {
    return false;
  }
}

function readSet(value: Set<unknown>, reading: Reading): PlainJson[] {
  const items = [...Set.prototype.values.call(value)];
  return readItems(items, items.length, reading);
}

/** An object where all keys are primitive, otherwise a list of pairs. */
function readMap(value: Map<unknown, unknown>, reading: Reading): PlainJson {
  const entries = [...Map.prototype.entries.call(value)];
  const isObject = entries.every(
    ([key]) => (typeof key !== "object" || key === null) && typeof key !== "function" && typeof key !== "symbol",
  );
  if (!isObject) return readItems(entries, entries.length, reading);
  if (entries.length > widestObject) note(reading, "too-wide");
  const object: PlainObject = {};
  for (const [key, item] of entries.slice(0, widestObject)) {
    const name = enterMember(object, String(key), reading);
    leaveMember(object, name, reading.read(item, reading), reading);
  }
  return object;
}

/** What has `entries()` of names and texts; a name that comes again makes a list. */
function readPairs(value: { entries(): Iterable<[string, unknown]> }, reading: Reading): PlainObject {
  const byName = new Map<string, unknown>();
  let count = 0;
  for (const [name, item] of value.entries()) {
    if ((count += 1) > longestArray) break;
    const known = byName.get(name);
    byName.set(
      name,
      known === undefined ? item : Array.isArray(known) ? [...(known as unknown[]), item] : [known, item],
    );
  }
  return readMap(byName, reading) as PlainObject;
}

/** Name, message, cause and own members. No stack: that belongs into the event's `error`. */
function readError(value: Error, reading: Reading): PlainObject {
  const names = Object.keys(value).filter((name) => !["name", "message", "cause", "errors", "stack"].includes(name));
  const known = ["name", "message", ...["cause", "errors"].filter((name) => name in value)];
  const object = readMembers(value, [...known, ...names], reading);
  if (!Object.hasOwn(object, "message")) setMember(object, "message", "");
  return object;
}
