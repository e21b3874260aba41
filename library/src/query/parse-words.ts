import { everything, freeze, type Query, type Words } from "./ast.ts";
import { fail, type Scanner, since, startsWith, takeMatch, takeQuoted } from "./scanner.ts";
import { words } from "./search-text.ts";

const bareWord = /[^\s()"]+/y;

/** Free text: a bare word, perhaps with `*` behind it, or words in quotation marks. `*` alone is everything. */
export function parseWords(scanner: Scanner): Query {
  const position = scanner.position;
  if (startsWith(scanner, '"')) return wordsOf(scanner, takeQuoted(scanner), false, position);
  const bare = takeMatch(scanner, bareWord)!;
  if (bare === "*") return everything;
  const prefix = bare.endsWith("*");
  const text = prefix ? bare.slice(0, -1) : bare;
  const star = text.indexOf("*");
  if (star !== -1) {
    const at = { position: position + star, length: 1 };
    throw fail(scanner, at, "* only at the end of a word, or the word in quotation marks", "found * inside free text");
  }
  return wordsOf(scanner, text, prefix, position);
}

function wordsOf(scanner: Scanner, text: string, prefix: boolean, position: number): Words {
  const at = since(scanner, position);
  const found = words(text);
  if (found.length === 0) throw fail(scanner, at, "a word of letters or digits");
  return freeze({ kind: "words", words: found, prefix, at });
}
