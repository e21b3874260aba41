/** What an event changed, value by value. */

import type { Json, JsonObject } from "../base/canonical-json.ts";
import type { AuditEvent } from "../event/event.ts";

/** One value before and after; absent where there was none. */
export interface Change {
  /** JSON Pointer into the state; empty for the state as a whole. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * The values that differ between `before` and `after`. Where the event has only one of the two, something was made or
 * taken away, and each of its values counts; but what failed has changed nothing, however much it says of the state.
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
  let value: Json | undefined = root;
  for (const step of pointer.slice(1).split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

/** Pointers to all values that hold no others. Empty objects and lists are values. */
export function leaves(value: Json | undefined, path = ""): readonly string[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [path];
  return Object.entries(value as JsonObject).flatMap(([name, child]) =>
    leaves(child, `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
}

/** A pointer as people write it: `address.street`. */
export function showPath(pointer: string): string {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~")).join(".");
}
