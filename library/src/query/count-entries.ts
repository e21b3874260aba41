/** Counts by groups: the reference that stores' counts are held to. */

import { parseInstant, formatInstant } from "../base/time.ts";
import { AuditError, quote } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { Entry } from "../event/entry.ts";
import type { PathStep } from "./ast.ts";
import { type Bucket, bucketOf } from "./bucket.ts";
import { fieldValues } from "./field-values.ts";
import type { Field } from "./fields.ts";
import { matches } from "./matches.ts";
import { compareEntries } from "./order.ts";
import { parseFieldPath } from "./parse-field-name.ts";
import type { CountRequest, CountRow } from "./request.ts";
import { assertZone } from "./zone.ts";

/** One thing to group by. */
export interface GroupField {
  readonly field: Field;
  readonly path?: readonly PathStep[];
}

/** More makes nearly every entry a group of its own. */
const maximumGroups = 6;

/** What a request groups by. Errors: `QUERY_INVALID` for an unknown field, and for times, which have buckets. */
export function groupFields({ by, bucket }: Pick<CountRequest, "by" | "bucket">): readonly GroupField[] {
  if (bucket !== undefined) assertZone(bucket.zone);
  if (by.length > maximumGroups) {
    throw new AuditError("QUERY_INVALID", `Cannot group by ${by.length} fields: expected at most ${maximumGroups}.`);
  }
  return by.map((name) => {
    const group = parseFieldPath(name);
    if (group.field.type !== "time") return group;
    throw new AuditError("QUERY_INVALID", `Cannot group by ${quote(name)}: group times by a bucket such as the day.`, {
      details: { field: name },
    });
  });
}

/** How many entries match, by groups, in the order of their keys. Errors: `QUERY_INVALID`, `OPTION_INVALID`. */
export function countEntries(entries: Iterable<Entry>, request: Omit<CountRequest, "tenant">): readonly CountRow[] {
  const counter = createCounter(request);
  const found = Array.from(entries).filter((entry) => matches(request.query, entry));
  if (request.newest !== undefined) found.sort(compareEntries({ by: "time", direction: "newest" }));
  found.slice(0, request.newest).forEach(counter.add);
  return counter.rows();
}

export interface Counter {
  add(entry: Entry): void;
  /** Counts a group that something else has counted already. */
  addGroup(keys: CountRow["keys"], count: number): void;
  rows(): readonly CountRow[];
}

/** Adds entries up by the groups of a request. Errors: `QUERY_INVALID`, `OPTION_INVALID`. */
export function createCounter(request: Pick<CountRequest, "by" | "bucket">): Counter {
  const groups = groupFields(request);
  const counts = new Map<string, { keys: CountRow["keys"]; count: number }>();
  const addGroup = (keys: CountRow["keys"], count: number): void => {
    const name = JSON.stringify(keys);
    const row = counts.get(name);
    if (row === undefined) counts.set(name, { keys, count });
    else row.count += count;
  };
  // Without groups there is one row, and it says zero when nothing matches.
  if (groups.length === 0 && request.bucket === undefined) addGroup([], 0);
  return {
    addGroup,
    add: (entry) => keysOf(entry, groups, request.bucket).forEach((keys) => addGroup(keys, 1)),
    rows: () => [...counts.values()].sort((a, b) => compareKeys(a.keys, b.keys)),
  };
}

/** An entry with several values counts once for each of them. */
export function groupKeys(entry: Entry, request: Pick<CountRequest, "by" | "bucket">): readonly CountRow["keys"][] {
  return keysOf(entry, groupFields(request), request.bucket);
}

function keysOf(entry: Entry, groups: readonly GroupField[], bucket: Bucket | undefined): readonly CountRow["keys"][] {
  const time = bucket === undefined ? [] : [bucketKey(bucketOf(parseInstant(entry.event.occurredAt), bucket))];
  return groups.reduce<CountRow["keys"][]>(
    (all, { field, path }) => all.flatMap((keys) => keysOfField(entry, field, path).map((key) => [...keys, key])),
    [time],
  );
}

/** How a bucket's beginning, in microseconds, is written as a key. */
export function bucketKey(micros: number): string {
  return formatInstant(micros);
}

function keysOfField(entry: Entry, field: Field, path: readonly PathStep[] | undefined): readonly (string | null)[] {
  const keys = new Set(
    fieldValues(entry, field, path)
      .map(keyOf)
      .filter((key) => key !== undefined),
  );
  return keys.size === 0 ? [null] : [...keys];
}

/** Objects have no key, except for those that are referred to. */
function keyOf(value: Json): string | undefined {
  if (typeof value !== "object" || value === null) return String(value);
  const { type, id } = value as JsonObject;
  if (typeof type !== "string") return undefined;
  return typeof id === "string" ? `${type}/${id}` : type;
}

/** By the first key that differs; nothing comes first, then texts by their UTF-16 units. */
function compareKeys(a: CountRow["keys"], b: CountRow["keys"]): number {
  for (const [index, key] of a.entries()) {
    const other = b[index] ?? null;
    if (key === other) continue;
    if (key === null || other === null) return key === null ? -1 : 1;
    return key < other ? -1 : 1;
  }
  return 0;
}
