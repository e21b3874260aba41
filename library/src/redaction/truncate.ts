/**
 * Makes an event fit into an entry, by cutting its largest values first.
 *
 * Each list of values gets a water line: what is below it stays whole, what is above is cut down to it. Texts keep a
 * prefix, lists their first items; nothing is turned into something else, so the result is the same event with less in it.
 * Every value is measured once and hashed at most once, so that a payload of any size takes linear time.
 */

import { encodeHex, utf8Length } from "../base/bytes.ts";
import { canonicalize } from "../base/canonical-json.ts";
import { AuditError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { Truncation } from "../event/event.ts";
import { measure, prefixWithin, textSize, type Sizes } from "./measure.ts";
import { visitPersonal, type ActionMarks } from "./personal.ts";
import {
  formatPointer,
  isPlainObject,
  ownMember,
  setMember,
  type PlainJson,
  type PlainObject,
  type Step,
} from "./plain-json.ts";

interface Cutting {
  readonly cuts: Map<string, Truncation>;
  readonly sizes: Sizes;
  readonly personal: PersonalPaths;
  readonly steps: Step[];
}

/** Where personal values are, and the paths above them: a hash of any of these could be used to guess the value. */
interface PersonalPaths {
  readonly values: ReadonlySet<string>;
  readonly above: ReadonlySet<string>;
}

/** Below this it is better to drop values than to leave many stumps, each with a mark as long as itself. */
const leastPiece = 512;
/** A mark without its path: names, punctuation, a hash of 64 digits and a number of bytes. */
const markSize = 130;
const mostAttempts = 8;

/** Cuts `event` until it fits `limit` with its marks. Errors: `EVENT_TOO_LARGE`. */
export function truncateEvent(
  event: PlainObject,
  limit: number,
  marks: ActionMarks,
  cuts: Map<string, Truncation>,
): void {
  let target = limit;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const sizes: Sizes = new Map();
    const { cost, personal } = weighPersonal(event, marks);
    const marksSize = [...cuts.values()].reduce((sum, cut) => sum + markSize + textSize(cut.path), 30);
    const total = measure(event, sizes) + cost + marksSize;
    if (total <= limit) return;
    if (attempt > 0) target = Math.floor((target * limit * 0.95) / total);
    const room = target - cost - marksSize;
    shrinkPlaces(event, total - cost - marksSize, Math.max(room, Math.floor(target / 4)), {
      cuts,
      sizes,
      personal,
      steps: [],
    });
  }
  throw new AuditError(
    "EVENT_TOO_LARGE",
    `Cannot record the event: its ids, names and marks alone take more than the ${limit} bytes of an entry. Send fewer targets, or shorter names.`,
    { details: { limit } },
  );
}

/** What sealing will add: paths and commitments. */
function weighPersonal(
  event: PlainObject,
  marks: ActionMarks,
): { readonly cost: number; readonly personal: PersonalPaths } {
  const values = new Set<string>();
  const above = new Set<string>();
  const subjects = new Set<string>();
  let cost = 20;
  visitPersonal(event, marks, (_, __, steps, subject) => {
    const path = formatPointer(steps);
    cost += textSize(path) + 1;
    values.add(path);
    if (!subjects.has(subject)) cost += 100 + textSize(subject);
    subjects.add(subject);
    for (let length = 1; length < steps.length; length += 1) above.add(formatPointer(steps.slice(0, length)));
  });
  return { cost, personal: { values, above } };
}

/** The places of an event that may be cut at all; ids, names and times are not among them. */
function placesOf(event: PlainObject): readonly (readonly [holder: PlainObject, steps: readonly string[]])[] {
  const places: (readonly [PlainObject, readonly string[]])[] = [];
  const add = (holder: PlainJson | undefined, ...paths: (readonly string[])[]) => {
    for (const steps of paths)
      if (isPlainObject(holder) && ownMember(holder, steps.at(-1)!) !== undefined) places.push([holder, steps]);
  };
  add(
    event,
    ["data"],
    ["before"],
    ["after"],
    ["message"],
    ["reason"],
    ["changed"],
    ["targets"],
    ["onBehalfOf"],
    ["subjects"],
  );
  add(ownMember(event, "error"), ["error", "message"], ["error", "stack"]);
  add(ownMember(event, "actor"), ["actor", "roles"]);
  return places;
}

function shrinkPlaces(event: PlainObject, size: number, room: number, cutting: Cutting): void {
  const places = placesOf(event);
  const values = places.map(([holder, steps]) => holder[steps.at(-1)!]!);
  const sizes = values.map((value) => measure(value, cutting.sizes));
  const fixed = size - sizes.reduce((sum, each) => sum + each, 0);
  const line = Math.max(64, waterLine(sizes, room - fixed));
  places.forEach(([holder, steps], index) => {
    if (sizes[index]! <= line) return;
    cutting.steps.push(...steps);
    const isPeople = ["targets", "onBehalfOf"].includes(steps[0]!);
    const value = values[index]!;
    if (isPeople && Array.isArray(value)) keepFirstItems(value, line, cutting);
    else holder[steps.at(-1)!] = shrink(value, line, cutting);
    cutting.steps.length = 0;
  });
}

/** The value in about `room` bytes, its mark included. */
function shrink(value: PlainJson, room: number, cutting: Cutting): PlainJson {
  if (typeof value === "string") return shrinkText(value, room, cutting);
  if (typeof value !== "object" || value === null) return value;
  const list = value as PlainObject;
  const keys: readonly Step[] = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  const sizes = keys.map((key) => measure(list[key]!, cutting.sizes));
  const fixed = measure(value, cutting.sizes) - sizes.reduce((sum, size) => sum + size, 0);
  const line = waterLine(sizes, room - fixed);
  if (line < leastPiece + markSize) {
    if (Array.isArray(value)) keepFirstItems(value, room, cutting);
    else keepFirstMembers(value, room, cutting);
    return value;
  }
  keys.forEach((key, index) => {
    if (sizes[index]! <= line) return;
    cutting.steps.push(key);
    const shrunk = shrink(list[key]!, line, cutting);
    if (typeof key === "number") list[key] = shrunk;
    else setMember(list, key, shrunk);
    cutting.steps.pop();
  });
  return value;
}

/** The height at which values, each cut down to it, take `room` together. */
function waterLine(sizes: readonly number[], room: number): number {
  const sorted = [...sizes].sort((a, b) => a - b);
  let left = room;
  for (let index = 0; index < sorted.length; index += 1) {
    const share = left / (sorted.length - index);
    if (sorted[index]! > share) return Math.floor(share);
    left -= sorted[index]!;
  }
  return Number.POSITIVE_INFINITY;
}

function shrinkText(text: string, room: number, cutting: Cutting): string {
  mark(text, cutting);
  const kept = room - markSize - textSize(formatPointer(cutting.steps)) - 5;
  return `${prefixWithin(text, Math.max(kept, 16))}…`;
}

function keepFirstItems(items: PlainJson[], room: number, cutting: Cutting): void {
  mark(items, cutting);
  let left = room - markSize - textSize(formatPointer(cutting.steps));
  let kept = 0;
  while (kept < items.length && left > 0) {
    left -= measure(items[kept]!, cutting.sizes) + 1;
    if (left > 0) kept += 1;
  }
  items.length = kept;
}

/** Keeps the members that fit, in order: a small member after a large one is worth more than nothing. */
function keepFirstMembers(object: PlainObject, room: number, cutting: Cutting): void {
  mark(object, cutting);
  let left = room - markSize - textSize(formatPointer(cutting.steps));
  for (const name of Object.keys(object)) {
    const size = textSize(name) + measure(object[name]!, cutting.sizes) + 2;
    if (size <= left) left -= size;
    else delete object[name];
  }
}

/** Says what was there. A value that is cut again keeps its first mark, which speaks of the whole. */
function mark(value: PlainJson, cutting: Cutting): void {
  const path = formatPointer(cutting.steps);
  if (!cutting.cuts.has(path)) cutting.cuts.set(path, describeCut(path, value, isPersonal(path, cutting)));
}

/** Whether there is personal data at the path, below it or around it. */
function isPersonal(path: string, { steps, personal }: Cutting): boolean {
  if (personal.above.has(path)) return true;
  return steps.some((_, index) => personal.values.has(formatPointer(steps.slice(0, index + 1))));
}

export function describeCut(path: string, value: PlainJson, personal: boolean): Truncation {
  const text = typeof value === "string" ? value : canonicalize(value);
  const bytes = utf8Length(text);
  return personal ? { path, bytes } : { path, bytes, sha256: encodeHex(sha256(text)) };
}
