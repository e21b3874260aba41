/** What stands behind a field's colon: one value or several with commas, each of the form its field's type takes. */

import { quote } from "../base/errors.ts";
import { type Comparison, type FieldQuery, freeze, or, type Place, type Query, type Test } from "./ast.ts";
import { type Field, findField } from "./fields.ts";
import { type FieldName, parseHasName } from "./parse-field-name.ts";
import { parseNumber } from "./parse-number.ts";
import type { ParseOptions } from "./parse-query.ts";
import { dottedPattern, patternOf, pointerPattern, splitReference } from "./parse-pattern.ts";
import { parseTimeTest, timeForms } from "./parse-time.ts";
import { didYouMean } from "./query-error.ts";
import { fail, type Piece, type Scanner, since, take, takePieces } from "./scanner.ts";

/** How many values one term may list. */
export const maximumValues = 256;

/** Errors: `QUERY_INVALID`. */
export function parseTests(scanner: Scanner, name: FieldName, start: number, options: ParseOptions): Query {
  if (name.field === undefined) return parseHas(scanner, start);
  const field = fieldBehind(name.field, name.path !== undefined);
  const tests = takeList(scanner, () => parseTest(scanner, { ...name, field }, options));
  const at = since(scanner, start);
  return fieldQuery({ ...name, field }, tests, at);
}

function fieldQuery(name: Pick<FieldName, "path"> & { field: Field }, tests: readonly Test[], at: Place): FieldQuery {
  const path = name.path === undefined ? {} : { path: Object.freeze(name.path) };
  return freeze({ kind: "field", field: name.field.name, ...path, tests: tests.map((test) => freeze(test)), at });
}

/** `after:` and `before:` without a path are about the time. */
function fieldBehind(field: Field, hasPath: boolean): Field {
  return !hasPath && (field.name === "after" || field.name === "before") ? findField("time")! : field;
}

function parseHas(scanner: Scanner, start: number): Query {
  const names = takeList(scanner, () => parseHasName(scanner));
  const at = since(scanner, start);
  return or(...names.map((name) => fieldQuery(name, [{ kind: "exists" }], at)));
}

function takeList<Item>(scanner: Scanner, takeOne: () => Item): readonly Item[] {
  const items = [takeOne()];
  while (take(scanner, ",")) {
    if (items.length === maximumValues) {
      const at = { position: scanner.position, length: 1 };
      throw fail(scanner, at, `at most ${maximumValues} values`, "the list is too long");
    }
    items.push(takeOne());
  }
  return items;
}

/** One value of a list, and what its field wants. */
interface Value {
  readonly scanner: Scanner;
  readonly field: Field;
  readonly name: FieldName;
  readonly pieces: readonly Piece[];
  readonly at: Place;
  /** The whole text of a value without quotation marks. */
  readonly bare: string | undefined;
}

function parseTest(scanner: Scanner, name: FieldName & { readonly field: Field }, options: ParseOptions): Test {
  const position = scanner.position;
  const pieces = takePieces(scanner);
  const at = since(scanner, position);
  if (pieces.length === 0) throw fail(scanner, { position, length: 0 }, `a value for ${name.text}`);
  const bare = pieces.length === 1 && !pieces[0]!.quoted ? pieces[0]!.text : undefined;
  const value: Value = { scanner, field: name.field, name, pieces, at, bare };
  // `field:*` asks for any value at all, whatever the type.
  if (bare === "*") return { kind: "exists" };
  return parsers[name.field.type](value, options);
}

const parsers: Readonly<Record<Field["type"], (value: Value, options: ParseOptions) => Test>> = {
  text: (value) => ({ kind: "text", pattern: textPattern(value) }),
  choice: parseChoice,
  reference: (value) => ({ kind: "reference", ...splitReference(textPattern(value)) }),
  number: (value) => parseNumeric(value) ?? refuse(value, "a number, such as 5, <10 or 1..5"),
  time: parseTimeValue,
  value: parseValue,
  pointer: (value) => ({
    kind: "pointer",
    pattern:
      value.pieces[0]!.text.startsWith("/") && !value.pieces[0]!.quoted
        ? pointerPattern(value.pieces)
        : dottedPattern(value.pieces),
  }),
};

function refuse({ scanner, at }: Value, expected: string, problem?: string): never {
  throw fail(scanner, at, expected, problem);
}

const comparison = /^(<=|>=|<|>)/;

function textPattern(value: Value): readonly string[] {
  const [first] = value.pieces;
  if (!first!.quoted && comparison.test(first!.text)) {
    refuse(value, `a text: ${value.name.text} is not compared; put < and > in quotation marks to mean themselves`);
  }
  return patternOf(value.pieces);
}

function parseChoice(value: Value): Test {
  const pattern = textPattern(value);
  const [text] = pattern;
  const values = value.field.values ?? [];
  if (pattern.length === 1 && !values.includes(text!)) {
    const problem = `${value.name.text} is never ${quote(text!)}${didYouMean(text!, values)}`;
    refuse(value, `one of ${values.join(", ")}`, problem);
  }
  return { kind: "text", pattern };
}

/** A number, a comparison or a range; `undefined` where the value looks like none of them. */
function parseNumeric(value: Value): Test | undefined {
  const { bare } = value;
  if (bare === undefined) return undefined;
  const operator = comparison.exec(bare)?.[0] as Comparison | undefined;
  if (operator !== undefined) {
    const number = parseNumber(bare.slice(operator.length)) ?? refuse(value, `a number behind ${operator}`);
    return { kind: "compare", operator, number };
  }
  const number = parseNumber(bare);
  if (number !== undefined) return { kind: "number", number, text: bare };
  const range = bare.split("..");
  return range.length === 2 ? parseRange(value, range[0]!, range[1]!) : undefined;
}

function parseRange(value: Value, first: string, last: string): Test | undefined {
  const [from, to] = [parseNumber(first), parseNumber(last)];
  if (from !== undefined && last === "") return { kind: "compare", operator: ">=", number: from };
  if (to !== undefined && first === "") return { kind: "compare", operator: "<=", number: to };
  if (from === undefined || to === undefined) return undefined;
  return from <= to ? { kind: "range", from, to } : refuse(value, "a range from the lower to the higher value");
}

function parseValue(value: Value): Test {
  const { bare, name } = value;
  if (name.path === undefined) return refuse(value, `has:${name.text}, or a path below it, such as ${name.text}.name:`);
  const numeric = parseNumeric(value);
  if (numeric !== undefined) return numeric;
  if (bare === "true" || bare === "false") return { kind: "boolean", boolean: bare === "true" };
  if (bare === "null") return { kind: "null" };
  return { kind: "text", pattern: textPattern(value) };
}

function parseTimeValue(value: Value, options: ParseOptions): Test {
  const { bare, name } = value;
  if (bare === undefined) return refuse(value, timeForms);
  const operator = name.text === "after" ? ">=" : name.text === "before" ? "<" : "";
  if (operator !== "" && (comparison.test(bare) || bare.includes(".."))) {
    return refuse(value, `one time behind ${name.text}:`);
  }
  const test = parseTimeTest(operator + bare, options);
  return test ?? refuse(value, timeForms);
}
