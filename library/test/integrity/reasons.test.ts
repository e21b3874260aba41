import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { findingReasons, positionReasons } from "../../src/integrity/index.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/reference/verification.md"), "utf8");

function rowsUnder(title: string): string[] {
  const [section = ""] = page.split(`## ${title}\n`)[1]?.split("\n## ") ?? [];
  return section.split("\n").filter((line) => /^\| `[A-Z_]+` \|/.test(line));
}

test("docs/reference/verification.md has each reason of a position, with its class and its sentence, and no other", () => {
  const rows = Object.entries(positionReasons).map(
    ([code, { class: its, says }]) => `| \`${code}\` | \`${its}\` | ${says} |`,
  );
  expect(rowsUnder("Reasons of positions")).toEqual(rows);
});

test("docs/reference/verification.md has each finding with its sentence, and no other", () => {
  const rows = Object.entries(findingReasons).map(([code, says]) => `| \`${code}\` | ${says} |`);
  expect(rowsUnder("Findings about the trail")).toEqual(rows);
});
