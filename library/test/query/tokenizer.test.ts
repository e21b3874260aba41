/** SQLite's full-text index finds exactly what the matcher finds: same words, same neighbours, same beginnings. */

import { DatabaseSync } from "node:sqlite";

import fc from "fast-check";
import { expect, test } from "vitest";

import type { Words } from "../../src/query/ast.ts";
import { fieldBoundary, words } from "../../src/query/search-text.ts";
import { matchExpression } from "../../src/stores/sqlite/compile-query.ts";

const letters = [
  "a",
  "b",
  "é",
  "e\u0301",
  "İ",
  "ß",
  "Σ",
  "ς",
  "日",
  "ﬁ",
  "１",
  "7",
  "𝒳",
  "\u0345",
  "\u0903",
  "अ",
  "ก",
  "٣",
  "½",
  "Ⅷ",
  "ª",
];
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc
    .array(fc.constantFrom(...letters, " ", "-", "¶", "'", "😀", "\u200d", "\0"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

test("the index finds a phrase or a beginning exactly where the words say so", () => {
  const connection = new DatabaseSync(":memory:");
  connection.exec(
    "CREATE VIRTUAL TABLE auditrail_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii')",
  );
  const insert = connection.prepare("INSERT INTO auditrail_text (rowid, words) VALUES (1, ?)");
  const remove = connection.prepare("DELETE FROM auditrail_text");
  const find = connection.prepare("SELECT count(*) AS n FROM auditrail_text WHERE auditrail_text MATCH ?");
  const property = fc.property(text, text, fc.nat(), fc.nat(), fc.boolean(), (one, other, start, length, prefix) => {
    const all = [...words(one), fieldBoundary, ...words(other)];
    insert.run(all.join(" "));
    const own = words(all.slice(start % all.length, (start % all.length) + 1 + (length % 3)).join(" "));
    for (const asked of [
      own,
      words(other),
      words(one + other),
      own.map((word) => String.fromCodePoint(word.codePointAt(0)!)),
    ]) {
      if (asked.length === 0) continue;
      const query: Words = { kind: "words", words: asked, prefix };
      const expected = ` ${all.join(" ")} `.includes(` ${asked.join(" ")}${prefix ? "" : " "}`);
      const found = find.get(matchExpression([query]))!["n"];
      expect([all, asked, prefix, found]).toEqual([all, asked, prefix, expected ? 1 : 0]);
    }
    remove.run();
  });
  fc.assert(property, { numRuns: 3000 });
  connection.close();
});
