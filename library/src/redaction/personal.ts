/** Where the personal data of an event is, and whose. */

import type { MarkTree } from "../event/marks.ts";
import { isPlainObject, ownMember, type PlainJson, type PlainObject, type Step } from "./plain-json.ts";
import { mask } from "./secret-text.ts";

/** The marks of an action: of its `data`, and of its `before` and `after`. */
export interface ActionMarks {
  readonly data?: MarkTree | undefined;
  readonly state?: MarkTree | undefined;
}

/** The marks that apply below a field of the event. */
export function treeOf(field: string, marks: ActionMarks): MarkTree | undefined {
  if (field === "data") return marks.data;
  return field === "before" || field === "after" ? marks.state : undefined;
}

/** One personal value: what holds it, under which key, where that is, and whose it is. */
export type OnPersonal = (
  holder: PlainObject | PlainJson[],
  key: Step,
  steps: readonly Step[],
  subject: string,
) => void;

/** Calls `found` for every personal value. `found` may take the value away. */
export function visitPersonal(event: PlainObject, marks: ActionMarks, found: OnPersonal): void {
  const actor = personReference(ownMember(event, "actor"));
  visitPerson(ownMember(event, "actor"), ["actor"], ["name", "email"], found);
  visitMembers(ownMember(event, "context"), ["context"], ["ip", "userAgent"], actor, found);
  visitPeople(event, "onBehalfOf", ["name", "email"], found);
  visitPeople(event, "targets", ["name"], found);
  if (marks.data === undefined && marks.state === undefined) return;
  const owners = ownersOf(event, actor);
  for (const field of ["data", "before", "after"]) {
    const tree = treeOf(field, marks);
    if (tree !== undefined) visitTree(event, field, tree, [field], owners, found);
  }
}

type Owners = Readonly<Record<"subject" | "actor" | "target", string>>;

/** Where there is no subject or no target, the data is taken to be the actor's. */
function ownersOf(event: PlainObject, actor: string): Owners {
  const [subject] = listOf(ownMember(event, "subjects"));
  const [target] = listOf(ownMember(event, "targets"));
  return {
    actor,
    subject: typeof subject === "string" ? subject : actor,
    target: target === undefined ? actor : personReference(target),
  };
}

function listOf(value: PlainJson | undefined): readonly PlainJson[] {
  return Array.isArray(value) ? value : [];
}

/** `type/id`, as `reference()` of the event writes it. */
function personReference(value: PlainJson | undefined): string {
  if (!isPlainObject(value)) return "unknown";
  const { type, id } = value;
  const known = typeof type === "string" ? type : "unknown";
  return typeof id === "string" ? `${known}/${id}` : known;
}

function visitPeople(event: PlainObject, field: string, names: readonly string[], found: OnPersonal): void {
  listOf(ownMember(event, field)).forEach((person, index) => visitPerson(person, [field, index], names, found));
}

function visitPerson(
  person: PlainJson | undefined,
  steps: readonly Step[],
  names: readonly string[],
  found: OnPersonal,
): void {
  visitMembers(person, steps, names, personReference(person), found);
}

function visitMembers(
  holder: PlainJson | undefined,
  steps: readonly Step[],
  names: readonly string[],
  subject: string,
  found: OnPersonal,
): void {
  if (!isPlainObject(holder)) return;
  for (const name of names) {
    if (isThere(ownMember(holder, name))) found(holder, name, [...steps, name], subject);
  }
}

function visitTree(
  holder: PlainObject | PlainJson[],
  key: Step,
  tree: MarkTree,
  steps: readonly Step[],
  owners: Owners,
  found: OnPersonal,
): void {
  const value = ownMember(holder as PlainObject, String(key));
  if (!isThere(value)) return;
  if (tree.mark?.kind === "personal") {
    found(holder, key, steps, owners[tree.mark.of]);
    return;
  }
  if (Array.isArray(value)) {
    const { items } = tree;
    if (items !== undefined)
      value.forEach((_, index) => visitTree(value, index, items, [...steps, index], owners, found));
  } else if (isPlainObject(value)) {
    for (const name of Object.keys(value)) {
      const below = tree.members?.get(name) ?? tree.items;
      if (below !== undefined) visitTree(value, name, below, [...steps, name], owners, found);
    }
  }
}

/** Null is nothing to seal, and secrets win: what is masked stays where everyone can see that it was. */
function isThere(value: PlainJson | undefined): value is PlainJson {
  return value !== undefined && value !== null && value !== mask;
}
