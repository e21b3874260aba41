/**
 * The shape of an event around its payload. JavaScript callers can pass anything; what is kept has this shape.
 *
 * A number or boolean where text belongs becomes text, null counts as absent, and what cannot be helped is left
 * out: each with a mark. `data` becomes an object, because that is what readers and queries expect.
 */

import { isPlainObject, ownMember, setMember, type PlainJson, type PlainObject } from "./plain-json.ts";
import { note, type Walk } from "./walk.ts";

/** `free` texts may be long; `text` is cut beyond 1,024 characters, because names and ids are not payload. */
export type Shape = "text" | "free" | "number" | "json" | "data" | ObjectShape | ListShape;
export interface ObjectShape {
  readonly members: ReadonlyMap<string, Shape>;
  /** Texts that are never missing, and read `unknown` when nobody gave them. */
  readonly required: readonly string[];
}
export interface ListShape {
  readonly items: Shape;
}

const shape = (members: Readonly<Record<string, Shape>>, required: readonly string[] = []): ObjectShape => ({
  members: new Map(Object.entries(members)),
  required,
});
const texts = (...names: readonly string[]): Readonly<Record<string, Shape>> =>
  Object.fromEntries(names.map((name) => [name, "text"]));

const actorShape = shape({ ...texts("type", "id", "name", "email", "credential", "agent"), roles: { items: "text" } }, [
  "type",
]);
const targetShape = shape(texts("type", "id", "name", "role", "parent"), ["type", "id"]);

const always = ["origin", "id", "tenant", "action", "op", "severity", "outcome", "occurredAt"];

export const eventShape: ObjectShape = shape(
  {
    ...texts(...always),
    ...texts("correlationId", "causationId", "operationId", "producer"),
    ...{ schema: "number", version: "number", durationMs: "number" },
    ...{ message: "free", reason: "free", before: "json", after: "json", data: "data" },
    error: shape({ name: "text", code: "text", message: "free", stack: "free" }),
    actor: actorShape,
    onBehalfOf: { items: actorShape },
    targets: { items: targetShape },
    subjects: { items: "text" },
    context: shape(
      texts("source", "ip", "userAgent", "requestId", "sessionId", "traceId", "spanId", "route", "service"),
    ),
    collapsed: shape({ count: "number", from: "text", until: "text" }),
  },
  always,
);

/** The value in its shape, or `undefined` where it has to be left out. */
export function conform(value: PlainJson, to: Shape, walk: Walk): PlainJson | undefined {
  if (to === "json") return value;
  if (value === null) return undefined;
  if (to === "text" || to === "free") return conformText(value, walk);
  if (to === "number") return typeof value === "number" ? value : leaveOut(walk);
  if (to === "data") return isPlainObject(value) ? value : wrap(value, walk);
  if ("items" in to) return conformList(value, to.items, walk);
  return isPlainObject(value) ? conformObject(value, to, walk) : leaveOut(walk);
}

function conformText(value: PlainJson, walk: Walk): string | undefined {
  if (typeof value === "string") return value;
  note(walk, "wrong-type");
  return typeof value === "object" ? undefined : String(value);
}

function leaveOut(walk: Walk): undefined {
  note(walk, "wrong-type");
  return undefined;
}

function wrap(value: PlainJson, walk: Walk): PlainObject {
  note(walk, "wrong-type");
  return { value };
}

function conformObject(object: PlainObject, to: ObjectShape, walk: Walk): PlainObject {
  for (const name of Object.keys(object)) {
    const memberShape = to.members.get(name);
    walk.steps.push(name);
    if (memberShape === undefined) note(walk, "unknown-field");
    const value = memberShape === undefined ? undefined : conform(object[name]!, memberShape, walk);
    if (value === undefined) delete object[name];
    else if (value !== object[name]) setMember(object, name, value);
    walk.steps.pop();
  }
  return completed(object, to);
}

/** Puts `unknown` where a text is missing that is never missing. */
export function completed(object: PlainObject, { required }: ObjectShape): PlainObject {
  for (const name of required) if (ownMember(object, name) === undefined) object[name] = "unknown";
  return object;
}

function conformList(value: PlainJson, items: Shape, walk: Walk): PlainJson[] {
  if (!Array.isArray(value)) note(walk, "wrong-type");
  const kept: PlainJson[] = [];
  for (const item of Array.isArray(value) ? value : [value]) {
    walk.steps.push(kept.length);
    const conformed = conform(item, items, walk);
    if (conformed !== undefined) kept.push(conformed);
    walk.steps.pop();
  }
  return kept;
}
