/** Reading a value that may be anything: the parts that every kind of value shares. */

import type { Vocabulary } from "./names.ts";
import { setMember, type PlainJson, type PlainObject } from "./plain-json.ts";
import type { RedactionRule } from "./rules.ts";
import { hasBrokenCharacters, mendText } from "./text.ts";
import { note, startWalk, type Walk } from "./walk.ts";

export const widestObject = 1000;
export const longestArray = 10_000;
/** Characters of one field: longer texts are not searched for secrets, so they cannot be kept. */
const mostCharacters = 16_000_000;

/** A walk through values that are being read. */
export interface Reading extends Walk {
  readonly vocabulary: Vocabulary;
  /** Reads any value; `undefined` for what has no place in JSON. */
  readonly read: (value: unknown, reading: Reading) => PlainJson | undefined;
  /** The objects around the value, for finding cycles and depth. */
  readonly ancestors: object[];
  values: number;
  characters: number;
  /** For the masking that follows; see `Masking`. */
  inPayload: boolean;
}

export function startReading(vocabulary: Vocabulary, read: Reading["read"]): Reading {
  return { ...startWalk(), vocabulary, read, ancestors: [], values: 0, characters: 0, inPayload: true };
}

/** Leaves a mark and gives the text that stands for what could not be kept. */
export function standIn(reading: Reading, rule: RedactionRule, text: string): string {
  note(reading, rule);
  return text;
}

export function readText(text: string, reading: Reading): string {
  reading.values += 1;
  reading.characters += text.length;
  if (reading.characters > mostCharacters) {
    reading.characters -= text.length;
    return standIn(reading, "too-many", `[omitted: ${text.length} characters]`);
  }
  if (!hasBrokenCharacters(text)) return text;
  const [mended, rule] = mendText(text);
  note(reading, rule);
  return mended;
}

/** The items of anything indexed; holes and what JSON has no place for are null. */
export function readItems(list: ArrayLike<unknown>, length: number, reading: Reading): PlainJson[] {
  const items: PlainJson[] = [];
  if (length > longestArray) note(reading, "too-wide");
  const end = Math.min(length, longestArray);
  for (let index = 0; index < end; index += 1) {
    reading.steps.push(index);
    items.push(readAt(list as Readonly<Record<number, unknown>>, index, reading) ?? null);
    reading.steps.pop();
  }
  return items;
}

/** The named members of an object; one whose getter throws does not spoil the others. */
export function readMembers(value: object, names: readonly string[], reading: Reading): PlainObject {
  const object: PlainObject = {};
  if (names.length > widestObject) note(reading, "too-wide");
  const end = Math.min(names.length, widestObject);
  for (let index = 0; index < end; index += 1) {
    const rawName = names[index]!;
    const name = enterMember(object, rawName, reading);
    leaveMember(object, name, readAt(value as Readonly<Record<string, unknown>>, rawName, reading), reading);
  }
  return object;
}

function readAt(
  from: Readonly<Record<string | number, unknown>>,
  key: string | number,
  reading: Reading,
): PlainJson | undefined {
  let value: unknown;
  try {
    value = from[key];
  } catch {
    return standIn(reading, "unreadable", "[unreadable]");
  }
  return reading.read(value, reading);
}

/** Steps into a member, under its safe name, which another member may already have. Pair it with {@link leaveMember}. */
export function enterMember(object: PlainObject, rawName: string, reading: Reading): string {
  const { name: safe, rule, plain } = reading.vocabulary.decide(rawName);
  reading.characters += rawName.length;
  if (rule === undefined && plain && object[safe] === undefined) {
    reading.steps.push(safe);
    return safe;
  }
  const name = unusedName(object, safe);
  reading.steps.push(name);
  if (rule !== undefined) note(reading, rule);
  if (name !== safe) note(reading, "duplicate-key");
  return name;
}

export function leaveMember(object: PlainObject, name: string, value: PlainJson | undefined, reading: Reading): void {
  reading.steps.pop();
  if (value !== undefined) setMember(object, name, value);
}

function unusedName(object: PlainObject, name: string): string {
  if (!Object.hasOwn(object, name)) return name;
  let number = 2;
  while (Object.hasOwn(object, `${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}
