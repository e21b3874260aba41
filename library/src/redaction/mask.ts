/** Masks the secrets of one field's value, in place: by the catalogue's marks, by names, by shape. */

import type { MarkTree } from "../event/marks.ts";
import { isCardNumberValue } from "./card-numbers.ts";
import type { Vocabulary } from "./names.ts";
import { mask } from "./secret-text.ts";
import type { SecretKind } from "./secret-names.ts";
import { ownMember, setMember, type PlainJson, type PlainObject, type Step } from "./plain-json.ts";
import type { RedactionRule } from "./rules.ts";
import { note, type Walk } from "./walk.ts";

export interface Masking extends Walk {
  readonly vocabulary: Vocabulary;
  /** In a payload anybody chose the names and the numbers; in the event's own fields they are ours, and say nothing. */
  inPayload: boolean;
}

export function maskSecrets(value: PlainJson, tree: MarkTree | undefined, masking: Masking): PlainJson {
  if (tree?.mark?.kind === "secret") return hide(value, masking, "secret-marked");
  if (tree?.mark?.kind === "exact") return value;
  switch (typeof value) {
    case "string":
      return maskString(value, masking);
    case "number":
      return masking.inPayload && isCardNumberValue(value) ? hide(value, masking, "secret-shaped") : value;
    case "object":
      if (value === null) return value;
      if (Array.isArray(value)) maskItems(value, tree, masking);
      else maskMembers(value, tree, masking);
      return value;
    default:
      return value;
  }
}

/** Null stays: there is nothing to hide. What is masked already gets no second mark. */
function hide(value: PlainJson, masking: Masking, rule: RedactionRule): PlainJson {
  if (value === null || value === mask) return value;
  note(masking, rule);
  return mask;
}

function maskString(text: string, masking: Masking): string {
  const masked = masking.vocabulary.maskText(text);
  if (masked !== text) note(masking, "secret-shaped");
  return masked;
}

function maskItems(items: PlainJson[], tree: MarkTree | undefined, masking: Masking): void {
  const arePairs = items.length > 0 && items.every(isPair);
  for (let index = 0; index < items.length; index += 1) {
    masking.steps.push(index);
    const item = items[index]!;
    // Among them may be some whose first is no name: a Map with objects for keys.
    if (arePairs && isNamedPair(item)) maskNamed(item, item[0], [1], masking);
    items[index] = maskSecrets(item, tree?.items, masking);
    masking.steps.pop();
  }
}

function maskMembers(object: PlainObject, tree: MarkTree | undefined, masking: Masking): void {
  const names = Object.keys(object);
  for (const name of names) {
    masking.steps.push(name);
    const value = object[name]!;
    const masked = maskMember(name, value, tree?.members?.get(name) ?? tree?.items, masking);
    if (masked !== value) setMember(object, name, masked);
    masking.steps.pop();
  }
  if (!masking.inPayload) return;
  for (const name of labelNames) {
    const label = ownMember(object, name);
    if (typeof label === "string" && label.length <= 64) maskNamed(object, label, valueNames, masking);
  }
}

function maskMember(name: string, value: PlainJson, tree: MarkTree | undefined, masking: Masking): PlainJson {
  const secret = masking.inPayload ? masking.vocabulary.decide(name).secret : undefined;
  if (secret !== undefined && tree?.mark?.kind !== "secret" && covers(secret, value))
    return hide(value, masking, "secret-named");
  if (name === "rawHeaders" && Array.isArray(value)) maskFlatPairs(value, masking);
  return maskSecrets(value, tree, masking);
}

/** Names a key of AWS without being one, though `accessKey` is often what it is called. */
const awsKeyId = /^(?:AKIA|ASIA)[A-Z0-9]{16}$/;

function covers(kind: SecretKind, value: PlainJson): boolean {
  if (value === null || typeof value === "boolean") return false;
  if (typeof value === "string" && awsKeyId.test(value)) return false;
  if (typeof value === "number") return kind === "value";
  return kind !== "text" || typeof value === "string" || Array.isArray(value);
}

/** Members that name what another member of the same object holds: `{ field: "password", from: "a", to: "b" }`. */
const labelNames = ["name", "key", "field", "header", "parameter", "param", "property", "attribute", "column"];
const valueNames = [
  "value",
  "values",
  "val",
  "old",
  "new",
  "oldValue",
  "newValue",
  "from",
  "to",
  "before",
  "after",
  "previous",
  "current",
  "content",
  "text",
];

/** Masks what an object or a pair says is the value of a secret name. */
function maskNamed(holder: PlainObject | PlainJson[], label: string, steps: readonly Step[], masking: Masking): void {
  const { secret } = masking.vocabulary.decide(label);
  if (secret === undefined) return;
  const members = holder as PlainObject;
  for (const step of steps) {
    const value = ownMember(members, String(step));
    if (value === undefined || !covers(secret, value)) continue;
    masking.steps.push(step);
    members[step] = hide(value, masking, "secret-named");
    masking.steps.pop();
  }
}

function isPair(item: PlainJson): item is PlainJson[] {
  return Array.isArray(item) && item.length === 2;
}

function isNamedPair(item: PlainJson): item is [string, PlainJson] {
  return isPair(item) && typeof item[0] === "string" && item[0].length <= 64;
}

/** Node's `rawHeaders`: names and values take turns. */
function maskFlatPairs(items: PlainJson[], masking: Masking): void {
  for (let index = 0; index + 1 < items.length; index += 2) {
    const name = items[index];
    if (typeof name === "string") maskNamed(items, name, [index + 1], masking);
  }
}
