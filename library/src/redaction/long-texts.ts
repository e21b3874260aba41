import type { Truncation } from "../event/event.ts";
import { eventShape, type ObjectShape, type Shape } from "./envelope.ts";
import {
  formatPointer,
  isPlainObject,
  ownMember,
  setMember,
  type PlainJson,
  type PlainObject,
  type Step,
} from "./plain-json.ts";
import { describeCut } from "./truncate.ts";

/** Characters that an id, a name or another text around the payload may have. */
export const longestText = 1024;

const personalNames: ReadonlySet<string> = new Set(["name", "email", "ip", "userAgent"]);

/** Cuts over-long texts around the payload, in place. Free texts (messages, reasons, stacks) are not bounded here. */
export function cutLongTexts(event: PlainObject, cuts: Map<string, Truncation>): void {
  cutMembers(event, eventShape, [], cuts);
}

function cutMembers(
  object: PlainObject,
  shape: ObjectShape,
  steps: readonly Step[],
  cuts: Map<string, Truncation>,
): void {
  for (const [name, memberShape] of shape.members) {
    const value = ownMember(object, name);
    if (value !== undefined) setMember(object, name, cutValue(value, memberShape, [...steps, name], cuts));
  }
}

function cutValue(value: PlainJson, shape: Shape, steps: readonly Step[], cuts: Map<string, Truncation>): PlainJson {
  if (shape === "text" && typeof value === "string") return cutText(value, steps, cuts);
  if (typeof shape !== "object") return value;
  if ("items" in shape) {
    if (!Array.isArray(value)) return value;
    return value.map((item, index) => cutValue(item, shape.items, [...steps, index], cuts));
  }
  if (isPlainObject(value)) cutMembers(value, shape, steps, cuts);
  return value;
}

function cutText(text: string, steps: readonly Step[], cuts: Map<string, Truncation>): string {
  if (text.length <= longestText) return text;
  const path = formatPointer(steps);
  const isPersonal = steps[0] !== "error" && personalNames.has(String(steps.at(-1)));
  cuts.set(path, describeCut(path, text, isPersonal));
  const end = text.codePointAt(longestText - 2)! > 0xffff ? longestText - 2 : longestText - 1;
  return `${text.slice(0, end)}…`;
}
