/**
 * Marks on catalogue schemas: which fields are secret, which are personal data, and which of our own are neither.
 *
 * A mark is remembered for the schema object itself, so it stays with the field through `.optional()`, `.min()` and
 * nesting. {@link marksOf} walks a schema once, when the catalogue is defined, into a tree that redaction follows.
 */

import { z } from "zod";

export type Mark =
  | { readonly kind: "secret" }
  /** Not looked at for secrets: see {@link exact}. */
  | { readonly kind: "exact" }
  /** `of` names whose data it is: the event's first subject (the default), its actor, or its first target. */
  | { readonly kind: "personal"; readonly of: "subject" | "actor" | "target" };

const registry = z.registry<Mark>();

/** A field that must never reach the store: it is masked whole. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return withMark(schema, { kind: "secret" });
}

/** A field that is personal data: kept beside the entry, so that it can be erased without breaking a proof. */
export function personal<Schema extends z.ZodType>(
  schema: Schema,
  options: { readonly of?: "subject" | "actor" | "target" } = {},
): Schema {
  return withMark(schema, { kind: "personal", of: options.of ?? "subject" });
}

/**
 * A field of the trail's own that has to be kept to the letter, such as a signed checkpoint. Its random bytes look like a secret now and
 * then (`…pwd=`, followed by a signature), and a checkpoint that is masked is one that verifies as tampered with. Not for catalogues.
 */
export function exact<Schema extends z.ZodType>(schema: Schema): Schema {
  return withMark(schema, { kind: "exact" });
}

/** An exact decimal amount as text, such as `"12.50"`: money is never a float. */
export const money = z.string().regex(/^-?\d{1,20}(\.\d{1,10})?$/, 'expected an exact decimal such as "12.50"');

function withMark<Schema extends z.ZodType>(schema: Schema, mark: Mark): Schema {
  const marked = schema.clone() as Schema;
  addMark(marked, mark);
  return marked;
}

/** Marks this very schema object; {@link secret} and {@link personal} mark a copy. */
export function addMark(schema: z.ZodType, mark: Mark): void {
  registry.add(schema, mark);
}

export function markOf(schema: z.core.$ZodType): Mark | undefined {
  return registry.get(schema as z.ZodType);
}

/** Where marks are, below a value: on itself, on named members, on every item (of an array, or a record's values). */
export interface MarkTree {
  mark?: Mark;
  members?: Map<string, MarkTree>;
  items?: MarkTree;
}

/** The marks of a schema as a tree, or `undefined` when it has none. Recursive schemas give a tree that refers to itself. */
export function marksOf(schema: z.core.$ZodType): MarkTree | undefined {
  const tree: MarkTree = {};
  collect(schema, tree, new Map());
  return hasMarks(tree, new Set()) ? tree : undefined;
}

type Seen = Map<z.core.$ZodType, MarkTree>;

function collect(schema: z.core.$ZodType, into: MarkTree, seen: Seen): void {
  if (seen.get(schema) === into) return;
  seen.set(schema, into);
  const mark = markOf(schema);
  if (mark !== undefined) into.mark = mark;
  for (const inner of sameValueSchemas(schema)) collect(inner, into, seen);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "object") {
    for (const [name, member] of Object.entries(def.shape)) {
      into.members ??= new Map();
      into.members.set(name, childTree(member, into.members.get(name), seen));
    }
  }
  for (const item of itemSchemas(schema)) into.items = childTree(item, into.items, seen);
}

function childTree(schema: z.core.$ZodType, existing: MarkTree | undefined, seen: Seen): MarkTree {
  const known = seen.get(schema);
  if (known !== undefined && existing === undefined) return known;
  const tree = existing ?? {};
  collect(schema, tree, seen);
  return tree;
}

/** Schemas that describe the very same value: what is inside an optional, each side of a union, both ends of a pipe. */
function sameValueSchemas(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
    case "success":
      return [def.innerType];
    case "union":
      return def.options;
    case "intersection":
      return [def.left, def.right];
    case "pipe":
      return [def.in, def.out];
    case "lazy":
      return [def.getter()];
    default:
      return [];
  }
}

function itemSchemas(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return def.catchall === undefined ? [] : [def.catchall];
    case "array":
      return [def.element];
    case "tuple":
      return def.rest === null ? def.items : [...def.items, def.rest];
    case "record":
    case "map":
    case "set":
      return [def.valueType];
    default:
      return [];
  }
}

function hasMarks(tree: MarkTree, seen: Set<MarkTree>): boolean {
  if (seen.has(tree)) return false;
  seen.add(tree);
  if (tree.mark !== undefined) return true;
  const below = [...(tree.members?.values() ?? []), ...(tree.items === undefined ? [] : [tree.items])];
  return below.some((child) => hasMarks(child, seen));
}
