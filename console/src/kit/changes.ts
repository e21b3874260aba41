/** What an event changed, value by value, and what was done to the values that it carries. */

import type { AuditEvent, Entry, Json } from "../api/types.ts";

/** One value before and after; absent where there was none. */
export interface Change {
  /** JSON Pointer into the state; empty for the state as a whole. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * The values that differ. Where the event has only one of the two states, something was made or taken away, and each of its
 * values counts; but what failed has changed nothing, however much it says of the state.
 */
export function listChanges(event: AuditEvent): readonly Change[] {
  const { before, after, changed } = event;
  const paths = changed ?? (before !== undefined && after !== undefined ? [] : oneSided(event));
  return paths.map((path) => {
    const [old, now] = [valueAt(before, path), valueAt(after, path)];
    return { path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
  });
}

function oneSided({ before, after, op, outcome }: AuditEvent): readonly string[] {
  if (outcome === "failure" || outcome === "denied") return [];
  if (before === undefined) return leaves(after);
  return op === "delete" || op === "revoke" || op === "other" ? leaves(before) : [];
}

/** The value a JSON Pointer (RFC 6901) leads to. */
export function valueAt(root: Json | undefined, pointer: string): Json | undefined {
  if (pointer === "") return root;
  let value = root;
  for (const name of stepsOfPointer(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [name: string]: Json })[name];
  }
  return value;
}

export function stepsOfPointer(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerStep(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function leaves(value: Json | undefined, path = ""): readonly string[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([name, child]) => leaves(child as Json, `${path}/${pointerStep(name)}`));
}

/** Why a value is not what was there. */
export interface Mark {
  readonly kind: "erased" | "masked" | "redacted" | "truncated";
  readonly says: string;
}

/** What was done to the value at a pointer into the event. */
export function markAt({ erased, masked, event }: Entry, pointer: string): Mark | undefined {
  if (erased.includes(pointer)) return { kind: "erased", says: "Personal data that was erased for ever" };
  if (masked.includes(pointer)) return { kind: "masked", says: "Personal data that your role does not show" };
  const redaction = event.redacted?.find(({ path }) => path === pointer);
  if (redaction !== undefined)
    return { kind: "redacted", says: `Taken out before it was kept, by the rule ${redaction.rule}` };
  const truncation = event.truncated?.find(({ path }) => path === pointer);
  if (truncation === undefined) return undefined;
  return { kind: "truncated", says: `Cut for its size: it had ${truncation.bytes.toLocaleString("en")} bytes` };
}

/** Members of the object at a pointer that are not in the event because they are masked or erased. */
export function absentMembers({ erased, masked }: Entry, pointer: string): readonly string[] {
  const inside = [...erased, ...masked].filter(
    (path) => path.startsWith(`${pointer}/`) && !path.slice(pointer.length + 1).includes("/"),
  );
  return [...new Set(inside.map((path) => stepsOfPointer(path.slice(pointer.length))[0]!))];
}

/** Where two texts differ: what they begin and end with alike, by words, and what stands between. */
export interface TextDifference {
  readonly start: string;
  readonly removed: string;
  readonly added: string;
  readonly end: string;
}

export function compareTexts(before: string, after: string): TextDifference {
  const [old, now] = [before.split(/(\s+)/), after.split(/(\s+)/)];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const join = (words: readonly string[], from: number, until: number): string => words.slice(from, until).join("");
  return {
    start: join(old, 0, head),
    removed: join(old, head, old.length - tail),
    added: join(now, head, now.length - tail),
    end: join(old, old.length - tail, old.length),
  };
}
