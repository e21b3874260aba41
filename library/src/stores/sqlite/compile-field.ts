/**
 * One field of a query in SQL: over a column where there is one, over the entry's JSON otherwise, and over the sealed
 * fragments where the field may be personal data. Conditions are true or false, never NULL, so that NOT may stand
 * before them.
 */

import { decodeHex } from "../../base/bytes.ts";
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
import { always, anyOf, list, never, sql, type SqlPart } from "./sql-part.ts";

/** Over the row `e` of `auditrail_entry`, in the trail of that number. */
export function compileField({ field: name, path, tests }: FieldQuery, trail: number): SqlPart {
  const field = fieldOf(name);
  const column = textColumns[field.name];
  const listed = column === undefined ? undefined : isListed(column, tests);
  return listed ?? anyOf(tests.map((test) => compileTest(field, path ?? [], test, trail)));
}

/** One comparison with a list, as a rule of who may read which logs is asked of every row; where all tests are exact texts. */
function isListed(column: SqlPart, tests: readonly Test[]): SqlPart | undefined {
  const texts = tests.map((test) => (test.kind === "text" ? exactText(test.pattern) : undefined));
  if (texts.length <= 1 || !texts.every((text) => text !== undefined)) return undefined;
  return sql`(${column} IN (${list(texts.map((text) => sql`${text}`))})) IS TRUE`;
}

function compileTest(field: Field, path: readonly PathStep[], test: Test, trail: number): SqlPart {
  if (test.kind === "null") return sql`NOT ${compileTest(field, path, { kind: "exists" }, trail)}`;
  const text = textColumns[field.name];
  if (text !== undefined) return sql`(${columnPasses(text, test)}) IS TRUE`;
  const column = columns[field.name];
  if (column !== undefined) return sql`(${column(test, trail)}) IS TRUE`;
  const here = sql`(${overDocument(field, path, test, sql`e.entry`)}) IS TRUE`;
  if (field.personal !== true && field.type !== "value") return here;
  const sealed = overDocument(field, path, test, sql`CAST(s.bytes AS TEXT)`);
  return sql`(${here} OR EXISTS (SELECT 1 FROM auditrail_sealed s WHERE s.key = e.key AND ${sealed}))`;
}

/** Fields that are a text in a column of their own. */
const textColumns: Readonly<Record<string, SqlPart>> = {
  log: sql`e.log`,
  action: sql`e.action`,
  outcome: sql`e.outcome`,
  "actor.type": sql`e.actor_type`,
  "actor.id": sql`e.actor_id`,
  operation: sql`e.operation`,
};

/** Over the row `e` of a tally, which has a column for every field that it can be asked for, and always a value in it. */
export function compileTallied({ field, tests }: FieldQuery): SqlPart {
  const column = tallyColumns[field]!;
  return isListed(column, tests) ?? anyOf(tests.map((test) => sql`(${columnPasses(column, test)}) IS TRUE`));
}

export const tallyColumns: Readonly<Record<string, SqlPart>> = {
  log: sql`e.log`,
  action: sql`e.action`,
  op: sql`e.op`,
  severity: sql`e.severity`,
  outcome: sql`e.outcome`,
} satisfies Record<(typeof talliedFields)[number], SqlPart>;

/** Other fields that the store has a column, or a table, for. */
const columns: Readonly<Record<string, (test: Test, trail: number) => SqlPart>> = {
  actor: actorPasses,
  target: targetPasses,
  "target.id": (test, trail) => {
    const id = test.kind === "text" ? exactText(test.pattern) : undefined;
    if (id !== undefined) return targetRows(trail, sql`id = ${id}`);
    return overDocument(fieldOf("target.id"), [], test, sql`e.entry`);
  },
  id: idPasses,
  time: (test) => timePasses(sql`e.time`, test),
  recorded: (test) => timePasses(sql`e.recorded_at`, test),
  seq: (test) => (test.kind === "exists" ? always : numberPasses(test, sql`(e.key & 4294967295)`)),
  erased: erasedPasses,
};

function columnPasses(column: SqlPart, test: Test): SqlPart {
  if (test.kind === "text") return textFits(column, test.pattern);
  return test.kind === "exists" ? sql`${column} IS NOT NULL` : never;
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
  return test.kind === "reference" ? referenceFits(test, { type: sql`e.actor_type`, id: sql`e.actor_id` }) : never;
}

function targetPasses(test: Test, trail: number): SqlPart {
  if (test.kind === "reference") {
    const id = exactText(test.id);
    const type = test.type === undefined ? undefined : exactText(test.type);
    if (id !== undefined && type !== undefined) return targetRows(trail, sql`id = ${id} AND type = ${type}`);
    if (id !== undefined && test.type === undefined) return targetRows(trail, sql`id = ${id}`);
  }
  return overDocument(fieldOf("target"), [], test, sql`e.entry`);
}

/** Looked up once for the whole statement, not for each row. */
function targetRows(trail: number, condition: SqlPart): SqlPart {
  return sql`e.key IN (SELECT key FROM auditrail_target WHERE trail = ${trail} AND ${condition})`;
}

function idPasses(test: Test): SqlPart {
  const id = test.kind === "text" ? exactText(test.pattern) : undefined;
  if (id === undefined) return overDocument(fieldOf("id"), [], test, sql`e.entry`);
  return isEventId(id) ? sql`e.event_id = ${decodeHex(id.replaceAll("-", ""))}` : never;
}

/** Erased is what the entry says was sealed and what is not there any more. */
function erasedPasses(test: Test): SqlPart {
  const passes =
    test.kind === "pointer" ? pointerFits(sql`p.value`, test.pattern) : test.kind === "exists" ? always : never;
  return sql`EXISTS (SELECT 1 FROM json_each(e.entry, '$.sealed') d, json_each(d.value, '$.paths') p WHERE ${passes}
    AND NOT EXISTS (SELECT 1 FROM auditrail_sealed s WHERE s.key = e.key AND s.part = d.key))`;
}

/** A field's test over one JSON document; may be NULL, for false. */
function overDocument(field: Field, path: readonly PathStep[], test: Test, document: SqlPart): SqlPart {
  if (field.type === "value") return overValue(jsonPath([...field.where, ...path]), test, document);
  const star = field.where.indexOf("*");
  if (star === -1) return scalarPasses(field, test, at(document, field.where));
  const rest = field.where.slice(star + 1);
  const item = rest.length === 0 ? sql`i.value` : at(sql`i.value`, rest);
  const passes = isObjectReference(field) ? objectPasses(test) : scalarPasses(field, test, item);
  return sql`EXISTS (SELECT 1 FROM json_each(${document}, ${jsonPath(field.where.slice(0, star))}) i WHERE ${passes})`;
}

function at(document: SqlPart, path: readonly string[]): SqlPart {
  return sql`json_extract(${document}, ${jsonPath(path)})`;
}

function isObjectReference(field: Field): boolean {
  return field.type === "reference" && (field.name === "target" || field.name === "onBehalfOf");
}

function objectPasses(test: Test): SqlPart {
  const [type, id] = [sql`json_extract(i.value, '$.type')`, sql`json_extract(i.value, '$.id')`];
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

/** What an application put there: any type; of an array, its items. `json_each` also lists members, whose keys are texts. */
function overValue(path: string, test: Test, document: SqlPart): SqlPart {
  const passes = valuePasses(test, { value: sql`j.value`, type: sql`j.type` });
  const items = sql`EXISTS (SELECT 1 FROM json_each(${document}, ${path}) j WHERE typeof(j.key) <> 'text' AND ${passes})`;
  return test.kind === "exists" ? sql`(json_type(${document}, ${path}) IS 'object' OR ${items})` : items;
}

/** SQLite's path: names in quotation marks, escaped as in JSON, which is how the text has them. */
function jsonPath(path: readonly PathStep[]): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`)).join("")}`;
}
