/** Holds together the table of error codes, docs/reference/errors.md, the code that throws them and the tests. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { listSources } from "../../../scripts/source.ts";
import { type ErrorCode, type ErrorCodeInfo, errorCodes } from "../../src/base/error-codes.ts";

const repository = join(import.meta.dirname, "../../..");

/** Codes that no test can reach, each with the reason. An entry that is not needed any more fails. */
const untested: Partial<Record<ErrorCode, string>> = {};

const table: [ErrorCode, ErrorCodeInfo][] = Object.entries(errorCodes) as [ErrorCode, ErrorCodeInfo][];
const sections = readSections();

function readSections(): Map<string, string> {
  const page = readFileSync(join(repository, "docs/reference/errors.md"), "utf8");
  const parts = page.split(/^### `?([A-Z][A-Z0-9_]+)`?$/m).slice(1);
  return new Map(parts.flatMap((code, index) => (index % 2 === 0 ? [[code, parts[index + 1]!] as const] : [])));
}

/** What the section of a code has to begin with. */
function heading(code: ErrorCode, { says, fault, retry }: ErrorCodeInfo): string {
  return `### ${code}\n\n${says}\n\n*Whose doing: ${fault}. Worth trying again: ${retry ? "yes" : "no"}.*\n`;
}

test.each(table)("docs/reference/errors.md explains %s as the table has it", (code, info) => {
  const section = `### ${code}${sections.get(code) ?? ""}`;
  const skeleton = `${heading(code, info)}\nLikely causes: …\n\nWhat to do: …\n`;
  expect(section.startsWith(heading(code, info)), `the section has to begin so:\n\n${skeleton}`).toBe(true);
  expect(section, `the section has to have both paragraphs:\n\n${skeleton}`).toMatch(
    /\nLikely causes: .{20}[^]*\nWhat to do: .{20}/,
  );
});

test("docs/reference/errors.md explains no code that is not in the table", () => {
  const unknown = [...sections.keys()].filter((code) => !(code in errorCodes));
  expect(unknown, "remove their sections, or add them to library/src/base/error-codes.ts").toEqual([]);
});

test("codes are AREA_PROBLEM and their sentences end", () => {
  for (const [code, { says }] of table) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(says).toMatch(/^[A-Z].*\.$/);
  }
});

const files = ["library", "examples", "scripts", "bench"].flatMap((folder) => listSources(repository, folder));

/** The codes that stand in quotes in any of the files: comments, which use backquotes, do not count. */
function quotedIn(paths: readonly string[]): Set<string> {
  const texts = paths.map((path) => readFileSync(join(repository, path), "utf8"));
  return new Set(table.map(([code]) => code).filter((code) => texts.some((text) => text.includes(`"${code}"`))));
}

/** The cases in testing/ are run by tests of every store. */
const inTests = quotedIn(files.filter((path) => path.endsWith(".test.ts") || path.startsWith("library/src/testing/")));
const inSources = quotedIn(
  files.filter(
    (path) => path.startsWith("library/src/") && !path.endsWith(".test.ts") && !path.endsWith("/error-codes.ts"),
  ),
);

test("every code that the library uses is named by a test", () => {
  const missing = [...inSources].filter((code) => !inTests.has(code) && !(code in untested));
  expect(
    missing,
    "write a test that makes the library fail with each of these, or give the reason in `untested`",
  ).toEqual([]);
});

test("no code is listed as untested that is tested or gone", () => {
  const stale = Object.keys(untested).filter((code) => inTests.has(code) || !(code in errorCodes));
  expect(stale, "remove them from `untested`").toEqual([]);
});
