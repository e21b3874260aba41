/**
 * Any JavaScript value as plain JSON. Never throws; `docs/reference/values.md` has the answer for each odd value.
 *
 * The result shares nothing with what was given: later changes to it cannot reach the event, and we may change
 * the result. Names are made safe here already, so that no later path can hold a secret or pollute a prototype.
 */

import { convertExotic } from "./exotic-values.ts";
import type { PlainJson } from "./plain-json.ts";
import { readItems, readMembers, readText, standIn, type Reading } from "./reading.ts";
import { note } from "./walk.ts";

const deepest = 32;
/** Values of one field: a small object that refers to itself many times over can stand for any number of them. */
const mostValues = 100_000;

/** `undefined` for what has no place in JSON; the caller leaves the member out or writes null for the item. */
export function normalise(value: unknown, reading: Reading): PlainJson | undefined {
  switch (typeof value) {
    case "string":
      return readText(value, reading);
    case "number":
      return readNumber(value, reading);
    case "boolean":
      return value;
    case "bigint":
      return readText(String(value), reading);
    case "object":
      return value === null ? null : readObject(value, reading);
    case "undefined":
      return undefined;
    default:
      note(reading, typeof value as "function" | "symbol");
      return undefined;
  }
}

function readNumber(value: number, reading: Reading): number | string {
  reading.values += 1;
  if (!Number.isFinite(value)) return standIn(reading, "not-finite", String(value));
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) note(reading, "unsafe-integer");
  return value === 0 ? 0 : value; // -0 has no form of its own in canonical JSON
}

function readObject(value: object, reading: Reading): PlainJson | undefined {
  const { ancestors, steps } = reading;
  if (ancestors.length >= deepest) return standIn(reading, "too-deep", "[too deep]");
  if (ancestors.includes(value)) return standIn(reading, "circular", "[circular]");
  reading.values += 1;
  if (reading.values > mostValues) return standIn(reading, "too-many", "[omitted]");
  const depth = steps.length;
  ancestors.push(value);
  try {
    return convert(value, reading);
  } catch {
    // Revoked proxies and throwing traps, tags and iterators all end here.
    steps.length = depth;
    return standIn(reading, "unreadable", "[unreadable]");
  } finally {
    ancestors.pop();
  }
}

function convert(value: object, reading: Reading): PlainJson | undefined {
  if (Array.isArray(value)) return readItems(value, value.length, reading);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  const exotic = isPlain && !ArrayBuffer.isView(value) ? undefined : convertExotic(value, reading);
  if (exotic !== undefined) return exotic.json;
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJson === "function") {
    const made: unknown = toJson.call(value, "");
    if (made !== value) return normalise(made, reading);
  }
  return readMembers(value, Object.keys(value), reading);
}
