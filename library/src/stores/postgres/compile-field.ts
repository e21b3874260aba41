/**
 * One field of a query in SQL: over a column where there is one, over the entry's JSON otherwise, and over the sealed
 * fragments where the field may be personal data. A condition may be NULL, for false; only {@link not} may stand before it.
 */

import { isEventId } from "../../base/ids.ts";
import type { FieldQuery, PathStep, Test } from "../../query/ast.ts";
import { type Field, fieldOf } from "../../query/fields.ts";
import type { talliedFields } from "../../query/tallied.ts";
import { exactText } from "../../query/wildcard.ts";
import {
  numberPasses,
  pointerFits,
  referenceFits,
  type ReferenceTest,
  splitAtSlash,
  textFits,
  valuePasses,
} from "./compile-test.ts";
import { withoutNul } from "./names.ts";
import { always, anyOf, never, not, sql, type SqlPart } from "./sql-part.ts";

/** Over the row `e` of `entry`, in the trail of that number. */
export function compileField({ field: name, path, tests }: FieldQuery, trail: number): SqlPart {
  const field = fieldOf(name);
  return anyOf(tests.map((test) => compileTest(field, path ?? [], test, trail)));
}

const ofEntry = sql`$schema.document(e.entry)`;
const ofSealed = sql`$schema.document(convert_from(s.bytes, 'UTF8'))`;

function compileTest(field: Field, path: readonly PathStep[], test: Test, trail: number): SqlPart {
  if (test.kind === "null") return not(compileTest(field, path, { kind: "exists" }, trail));
  const column = columns[field.name];
  if (column !== undefined) return column(test, trail);
  const here = overDocument(field, path, test, ofEntry);
  if (field.personal !== true && field.type !== "value") return here;
  const sealed = overDocument(field, path, test, ofSealed);
  return sql`(${here} OR EXISTS (SELECT 1 FROM $schema.sealed s WHERE s.key = e.key AND ${sealed}))`;
}

/** Over the row `e` of a tally, which has a column for every field that it can be asked for, and always a value in it. */
export function compileTallied({ field, tests }: FieldQuery): SqlPart {
  const column = tallyColumns[field]!;
  return anyOf(tests.map((test) => (test.kind === "null" ? never : columnPasses(column, test))));
}

export const tallyColumns: Readonly<Record<string, SqlPart>> = {
  log: sql`e.log`,
  action: sql`e.action`,
  op: sql`e.op`,
  severity: sql`e.severity`,
  outcome: sql`e.outcome`,
} satisfies Record<(typeof talliedFields)[number], SqlPart>;

/** The rows `t` of `target` that a query asks for by its id, and by its type where it says one. */
export function targetsNamed(trail: number, id: string, type: string | undefined): SqlPart {
  const ofType = type === undefined ? always : sql`t.type = ${withoutNul(type)}`;
  return sql`t.trail = ${trail} AND ${longColumnIs(sql`t.id`, id)} AND ${ofType}`;
}

/** Fields that the store has a column, or a table, for. */
const columns: Readonly<Record<string, (test: Test, trail: number) => SqlPart>> = {
  log: (test) => columnPasses(sql`e.log`, test),
  action: (test) => columnPasses(sql`e.action`, test),
  outcome: (test) => columnPasses(sql`e.outcome`, test),
  "actor.type": (test) => columnPasses(sql`e.actor_type`, test),
  "actor.id": (test) => longColumnPasses(sql`e.actor_id`, test),
  operation: (test) => longColumnPasses(sql`e.operation`, test),
  actor: actorPasses,
  target: targetPasses,
  "target.id": (test, trail) => {
    const id = test.kind === "text" ? exactText(test.pattern) : undefined;
    return id === undefined ? overDocument(fieldOf("target.id"), [], test, ofEntry) : targetRows(trail, id, undefined);
  },
  id: idPasses,
  time: (test) => timePasses(sql`e.time`, test),
  recorded: (test) => timePasses(sql`e.recorded_at`, test),
  seq: (test) => (test.kind === "exists" ? always : numberPasses(test, sql`(e.key & 4294967295)::text`)),
  erased: erasedPasses,
};

function columnPasses(column: SqlPart, test: Test): SqlPart {
  if (test.kind === "text") return textFits(column, test.pattern);
  return test.kind === "exists" ? sql`${column} IS NOT NULL` : never;
}

/** A column of which the index has the beginning. */
function longColumnPasses(column: SqlPart, test: Test): SqlPart {
  const exact = test.kind === "text" ? exactText(test.pattern) : undefined;
  return exact === undefined ? columnPasses(column, test) : longColumnIs(column, exact);
}

function longColumnIs(column: SqlPart, text: string): SqlPart {
  const value = withoutNul(text);
  // In JavaScript a character may be two units, of which Postgres counts one: it cuts its own way, on both sides.
  return sql`(left(${column}, 300) = left(${value}, 300) AND ${column} = ${value})`;
}

function timePasses(column: SqlPart, test: Test): SqlPart {
  if (test.kind === "exists") return always;
  if (test.kind !== "time") return never;
  const { from, to } = test;
  if (from === undefined) return to === undefined ? always : sql`${column} < ${to}`;
  return to === undefined ? sql`${column} >= ${from}` : sql`(${column} >= ${from} AND ${column} < ${to})`;
}

function actorPasses(test: Test): SqlPart {
  if (test.kind === "exists") return sql`e.actor_id IS NOT NULL`;
  if (test.kind !== "reference") return never;
  const fits = referenceFits(test, { type: sql`e.actor_type`, id: sql`e.actor_id` });
  const id = exactText(test.id);
  return id === undefined ? fits : sql`(${longColumnIs(sql`e.actor_id`, id)} AND ${fits})`;
}

function targetPasses(test: Test, trail: number): SqlPart {
  if (test.kind === "reference") {
    const id = exactText(test.id);
    const type = test.type === undefined ? undefined : exactText(test.type);
    if (id !== undefined && (test.type === undefined || type !== undefined)) return targetRows(trail, id, type);
  }
  return overDocument(fieldOf("target"), [], test, ofEntry);
}

function targetRows(trail: number, id: string, type: string | undefined): SqlPart {
  // An array, because it is looked up by one scan of each partition: a join begins one in every partition for every key.
  return sql`e.key = ANY (ARRAY(SELECT t.key FROM $schema.target t WHERE ${targetsNamed(trail, id, type)}))`;
}

function idPasses(test: Test): SqlPart {
  const id = test.kind === "text" ? exactText(test.pattern) : undefined;
  if (id === undefined) return overDocument(fieldOf("id"), [], test, ofEntry);
  return isEventId(id) ? sql`e.event_id = ${id}::uuid` : never;
}

/** Erased is what the entry says was sealed and what is not there any more. */
function erasedPasses(test: Test): SqlPart {
  const passes =
    test.kind === "pointer" ? pointerFits(sql`p.value`, test.pattern) : test.kind === "exists" ? always : never;
  return sql`EXISTS (SELECT 1 FROM ${itemsOf(sql`${ofEntry} -> 'sealed'`)} WITH ORDINALITY d (value, n),
    jsonb_array_elements_text(d.value -> 'paths') p (value) WHERE ${passes}
    AND NOT EXISTS (SELECT 1 FROM $schema.sealed s WHERE s.key = e.key AND s.part = d.n - 1))`;
}

/** A field's test over one JSON document; may be NULL, for false. */
function overDocument(field: Field, path: readonly PathStep[], test: Test, document: SqlPart): SqlPart {
  if (field.type === "value") return overValue([...field.where, ...path], test, document);
  const star = field.where.indexOf("*");
  if (star === -1) return scalarPasses(field, test, at(document, field.where));
  const item = at(sql`i.value`, field.where.slice(star + 1));
  const passes = isObjectReference(field) ? objectPasses(test) : scalarPasses(field, test, item);
  const items = itemsOf(sql`${document} #> ${pathArray(field.where.slice(0, star))}`);
  return sql`EXISTS (SELECT 1 FROM ${items} i (value) WHERE ${passes})`;
}

/** The items of an array; none of anything else. */
function itemsOf(array: SqlPart): SqlPart {
  return sql`jsonb_array_elements((SELECT CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value ELSE '[]' END FROM (SELECT ${array} AS value) a))`;
}

function at(document: SqlPart, path: readonly string[]): SqlPart {
  return sql`(${document} #>> ${pathArray(path)})`;
}

/** The event format's own names: letters only, so that they need no quoting in an array's text. */
function pathArray(path: readonly string[]): SqlPart {
  return sql`${`{${path.join(",")}}`}::text[]`;
}

function isObjectReference(field: Field): boolean {
  return field.type === "reference" && (field.name === "target" || field.name === "onBehalfOf");
}

function objectPasses(test: Test): SqlPart {
  const [type, id] = [sql`(i.value ->> 'type')`, sql`(i.value ->> 'id')`];
  if (test.kind === "exists") return sql`${id} IS NOT NULL`;
  return test.kind === "reference" ? referenceFits(test, { type, id }) : never;
}

/** A value that the event format makes a text or a number, so that its type need not be asked for. */
function scalarPasses(field: Field, test: Test, value: SqlPart): SqlPart {
  if (field.type === "reference") return textReferencePasses(test, value);
  if (test.kind === "exists") return sql`${value} IS NOT NULL`;
  if (test.kind === "text") return textFits(value, test.pattern);
  if (test.kind === "pointer") return pointerFits(value, test.pattern);
  return field.type === "number" ? sql`(${value} IS NOT NULL AND ${numberPasses(test, value)})` : never;
}

const anyReference: ReferenceTest = { kind: "reference", id: ["", ""] };

function textReferencePasses(test: Test, value: SqlPart): SqlPart {
  const reference = test.kind === "exists" ? anyReference : test.kind === "reference" ? test : undefined;
  return reference === undefined ? never : referenceFits(reference, splitAtSlash(value));
}

/** What an application put there: any type; of an array, its items; of an object only that it is there. */
function overValue(path: readonly PathStep[], test: Test, document: SqlPart): SqlPart {
  const jsonPath = writeJsonPath(path);
  if (jsonPath === undefined) return never;
  const passes = valuePasses(test, { value: sql`(j.value #>> '{}')`, type: sql`jsonb_typeof(j.value)` });
  const whole = test.kind === "exists" ? sql`jsonb_build_array(true)` : sql`'[]'`;
  return sql`EXISTS (SELECT 1 FROM (SELECT jsonb_path_query_first(${document}, ${jsonPath}::jsonpath, '{}', true) AS found OFFSET 0) v,
    jsonb_array_elements(CASE jsonb_typeof(v.found) WHEN 'array' THEN v.found WHEN 'object' THEN ${whole} ELSE jsonb_build_array(v.found) END) j (value)
    WHERE v.found IS NOT NULL AND ${passes})`;
}

/** In strict mode a name is a member of an object only, and a number a place in an array only. */
function writeJsonPath(path: readonly PathStep[]): string | undefined {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(withoutNul(step))}`));
  // Places beyond are none; half a surrogate pair is no text that Postgres takes, and none that an entry can have.
  if (path.some((step) => (typeof step === "number" ? step > 2 ** 31 - 1 : !step.isWellFormed()))) return undefined;
  return `strict $${steps.join("")}`;
}
