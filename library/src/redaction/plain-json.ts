/** Plain JSON that is still being worked on: made by `normalise`, and ours alone until the event is finished. */

export type PlainJson = null | boolean | number | string | PlainJson[] | PlainObject;
export interface PlainObject {
  [name: string]: PlainJson;
}

/** A step of a path: a member's name or an item's index. */
export type Step = string | number;

export function isPlainObject(value: PlainJson | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member itself, never what `Object.prototype` has under that name. */
export function ownMember(object: PlainObject, name: string): PlainJson | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a member whatever its name: never calls a setter, never meets a frozen `Object.prototype`. */
export function setMember(object: PlainObject, name: string, value: PlainJson): void {
  if (isInherited(name)) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else object[name] = value;
}

/** Whether every object has something under the name already. */
export function isInherited(name: string): boolean {
  return name in emptyObject;
}

const emptyObject: object = {};

/** The JSON Pointer (RFC 6901) of a path; the empty text is the whole. */
export function formatPointer(steps: readonly Step[]): string {
  let pointer = "";
  for (const step of steps) pointer += typeof step === "number" ? `/${step}` : `/${escapeStep(step)}`;
  return pointer;
}

function escapeStep(step: string): string {
  return step.includes("~") || step.includes("/") ? step.replaceAll("~", "~0").replaceAll("/", "~1") : step;
}
