/**
 * The grammar.
 *
 *     query = all { "OR" all }
 *     all   = one { ["AND"] one }
 *     one   = ( "-" | "NOT" ) one | "(" query ")" | term
 *     term  = field ":" value { "," value } | word | quoted text
 */

import { freeze, type Place, type Query } from "./ast.ts";
import { parseFieldName } from "./parse-field-name.ts";
import { parseTests } from "./parse-tests.ts";
import { parseWords } from "./parse-words.ts";
import { createScanner, fail, isAtEnd, type Scanner, since, skipSpace, startsWith, take } from "./scanner.ts";
import { assertZone } from "./zone.ts";

export interface ParseOptions {
  /** What `now` and `today` are, in microseconds since 1970. */
  readonly now: number;
  /** The time zone of what is written without one: a name of the IANA database. */
  readonly zone: string;
}

/** How deep parentheses and negations may nest. */
export const maximumDepth = 32;
/** How many terms a query may have. */
export const maximumTerms = 256;

interface Parsing {
  readonly scanner: Scanner;
  readonly options: ParseOptions;
  depth: number;
  terms: number;
}

/**
 * Reads a query. Times become instants, by `now` and `zone`. An empty text is everything.
 *
 * Errors: `QUERY_INVALID` with `details` `{ position, length, expected }` in UTF-16 units; `OPTION_INVALID` for an
 * unknown zone.
 *
 * @example
 * parseQuery("actor:user/42 -outcome:success after:now-2h", { now: Date.parse("2026-11-22") * 1000, zone: "UTC" });
 */
export function parseQuery(text: string, options: ParseOptions): Query {
  assertZone(options.zone);
  const scanner = createScanner(text);
  skipSpace(scanner);
  if (isAtEnd(scanner)) return { kind: "everything" };
  const query = parseAny({ scanner, options, depth: 0, terms: 0 });
  if (!isAtEnd(scanner)) throw fail(scanner, here(scanner), 'a term, or "(" before it');
  return query;
}

function parseAny(parsing: Parsing): Query {
  const { scanner } = parsing;
  const start = scanner.position;
  const parts = [parseAll(parsing)];
  while (takeWord(scanner, "OR")) parts.push(parseAll(parsing));
  return parts.length === 1 ? parts[0]! : freeze({ kind: "or", parts, at: trimmed(scanner, start) });
}

function parseAll(parsing: Parsing): Query {
  const { scanner } = parsing;
  const start = scanner.position;
  const parts = [parseOne(parsing)];
  for (;;) {
    skipSpace(scanner);
    if (isAtEnd(scanner) || startsWith(scanner, ")") || isNext(scanner, "OR")) break;
    takeWord(scanner, "AND");
    parts.push(parseOne(parsing));
  }
  return parts.length === 1 ? parts[0]! : freeze({ kind: "and", parts, at: trimmed(scanner, start) });
}

function parseOne(parsing: Parsing): Query {
  const { scanner } = parsing;
  skipSpace(scanner);
  const start = scanner.position;
  if (isAtEnd(scanner) || startsWith(scanner, ")") || isNext(scanner, "OR") || isNext(scanner, "AND")) {
    throw fail(scanner, here(scanner), "a word, a field such as actor:, or a group in parentheses");
  }
  if (take(scanner, "-") || takeWord(scanner, "NOT")) return nested(parsing, start, () => parseNegated(parsing, start));
  if (take(scanner, "(")) return nested(parsing, start, () => parseGroup(parsing, start));
  parsing.terms += 1;
  if (parsing.terms > maximumTerms) {
    throw fail(scanner, here(scanner), `at most ${maximumTerms} terms`, "the query has too many terms");
  }
  return parseTerm(parsing, start);
}

function nested(parsing: Parsing, start: number, parse: () => Query): Query {
  parsing.depth += 1;
  if (parsing.depth > maximumDepth) {
    const expected = `at most ${maximumDepth} groups and negations inside each other`;
    throw fail(parsing.scanner, { position: start, length: 1 }, expected, "the query is nested too deeply");
  }
  const query = parse();
  parsing.depth -= 1;
  return query;
}

function parseNegated(parsing: Parsing, start: number): Query {
  if (/^\s|^$/.test(parsing.scanner.text.slice(start + 1, start + 2))) {
    throw fail(
      parsing.scanner,
      { position: start, length: 1 },
      "the term that it negates, right behind it",
      'found "-" alone',
    );
  }
  const part = parseOne(parsing);
  return freeze({ kind: "not", part, at: since(parsing.scanner, start) });
}

function parseGroup(parsing: Parsing, start: number): Query {
  const query = parseAny(parsing);
  skipSpace(parsing.scanner);
  if (take(parsing.scanner, ")")) return query;
  throw fail(parsing.scanner, { position: start, length: 1 }, 'a closing ")"', "a group is not closed");
}

function parseTerm({ scanner, options }: Parsing, start: number): Query {
  const name = parseFieldName(scanner);
  return name === undefined ? parseWords(scanner) : parseTests(scanner, name, start, options);
}

function takeWord(scanner: Scanner, word: string): boolean {
  skipSpace(scanner);
  return isNext(scanner, word) && take(scanner, word);
}

/** OR, AND and NOT in capitals, standing alone; otherwise they are words to look for. */
function isNext(scanner: Scanner, word: string): boolean {
  return (
    startsWith(scanner, word) &&
    /^[\s("]|^$/.test(scanner.text.slice(scanner.position + word.length, scanner.position + word.length + 1))
  );
}

function here(scanner: Scanner): Place {
  return { position: scanner.position, length: isAtEnd(scanner) ? 0 : 1 };
}

/** From a position to where the scanner is, without the spaces before that. */
function trimmed(scanner: Scanner, position: number): Place {
  return { position, length: scanner.text.slice(position, scanner.position).trimEnd().length };
}
