/** Reading the fields of the query language out of an entry, for columns. */

import { findField } from "auditrail/query";

import type { Entry, Json } from "../api/types.ts";

/** The values of a field, and the JSON Pointer that leads to each of them. */
export interface FieldValue {
  readonly value: Json;
  readonly pointer: string;
}

export function readField(entry: Entry, name: string): readonly FieldValue[] {
  const { seq, recordedAt } = entry;
  if (name === "seq") return [{ value: seq, pointer: "" }];
  if (name === "recorded") return [{ value: recordedAt, pointer: "" }];
  if (name === "log") return [{ value: entry.log, pointer: "" }];
  return follow(entry.event as unknown as Json, stepsOf(name), "");
}

/** Where a field is looked for: `data.lines.0.sku` is below `data`, `actor.role` is `actor/roles/*`. */
export function stepsOf(name: string): readonly string[] {
  const names = name.split(".");
  for (let length = names.length; length > 0; length -= 1) {
    const field = findField(names.slice(0, length).join("."));
    if (field === undefined) continue;
    const rest = names.slice(length).map((step) => step.replace(/^"(.*)"$/, "$1"));
    return [...field.where, ...rest];
  }
  return names;
}

function follow(value: Json | undefined, steps: readonly string[], pointer: string): readonly FieldValue[] {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined || value === null ? [] : [{ value, pointer }];
  if (step === "*") {
    return Array.isArray(value)
      ? value.flatMap((item, index) => follow(item as Json, rest, `${pointer}/${index}`))
      : [];
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return [];
  const escaped = step.replaceAll("~", "~0").replaceAll("/", "~1");
  return follow((value as { readonly [name: string]: Json })[step], rest, `${pointer}/${escaped}`);
}

const titles: Readonly<Record<string, string>> = {
  time: "When",
  outcome: "Outcome",
  sentence: "What happened",
  actor: "Who",
  target: "On what",
  onBehalfOf: "On behalf of",
  changes: "Changes",
  seq: "Position",
  recorded: "Recorded",
};

/** A column's title: `data.balanceBefore` is `Balance before`. */
export function fieldTitle(name: string): string {
  const known = titles[name];
  if (known !== undefined) return known;
  const steps = name.split(".");
  const prefix = steps[0] === "before" || steps[0] === "after" ? ` ${steps[0]}` : "";
  const last = steps.at(-1)! + prefix;
  const owner = steps.length > 1 && ["error", "actor", "target"].includes(steps[0]!) ? `${steps[0]} ` : "";
  const words = (owner + last)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/[-_]/g, " ")
    .toLowerCase();
  return words[0]!.toUpperCase() + words.slice(1);
}
