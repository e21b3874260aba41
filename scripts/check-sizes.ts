/**
 * Checks the sizes of functions and files (docs/design: Sizes): notes what deserves a second look, fails above the limit.
 * Run with `npm run check:sizes`.
 */

import { join } from "node:path";

import { type Finding, isTest, type Node, readSources, report, type Source, walk } from "./source.ts";

const folders = ["library/src", "library/test", "console", "examples", "bench", "scripts"];

/** Lines, first and last included. Above `note` a reviewer asks why; above `limit` the check fails. */
interface Size {
  readonly what: string;
  readonly note: number;
  readonly limit: number;
}

const functionSize: Size = { what: "function", note: 60, limit: 100 };
/** An auditor reads integrity/ whole. */
const integritySize: Size = { what: "function of integrity/", note: 60, limit: 60 };
const componentSize: Size = { what: "component", note: 200, limit: 200 };
const fileSize: Size = { what: "file", note: 250, limit: 500 };

export interface SizesReport {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly files: number;
  readonly functions: number;
}

/** Everything that is too long in the repository at `root`. Generated files (`*.generated.ts`) may be as long as they like. */
export function checkSizes(root: string): SizesReport {
  const { sources, unparsed } = readSources(root, folders);
  const findings = [...unparsed];
  const notes: string[] = [];
  let functions = 0;
  for (const source of sources.filter(({ path }) => !path.endsWith(".generated.ts"))) {
    const measured = isTest(source.path) ? [] : measureFunctions(source);
    functions += measured.length;
    for (const item of [measureFile(source), ...measured]) {
      const { size, name, lines, line } = item;
      if (lines > size.limit) findings.push(tooLong(source.path, item));
      else if (lines > size.note) notes.push(`${source.path}:${line}  note: ${size.what} ${name} has ${lines} lines`);
    }
  }
  return { findings, notes, files: sources.length, functions };
}

interface Measured {
  readonly size: Size;
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

function tooLong(path: string, { size, name, line, lines }: Measured): Finding {
  return {
    path,
    line,
    rule: `${size.what.split(" ")[0]}-size`,
    found: `${size.what} ${name} has ${lines} lines; the limit is ${size.limit}`,
    todo: "Split it where it changes subject, and name the parts for what they do.",
  };
}

function measureFile({ path, text }: Source): Measured {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { size: fileSize, name: path.slice(path.lastIndexOf("/") + 1), line: 1, lines };
}

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

interface FunctionNode extends Node {
  readonly id?: { readonly name: string } | null;
  readonly body?: Node | null;
}

/** Functions, methods and arrows with a block; a function inside another counts in both. */
function measureFunctions(source: Source): Measured[] {
  const measured: Measured[] = [];
  walk(source.program, (node: FunctionNode, parents) => {
    const hasBlock = node.body?.type === "BlockStatement" || node.body?.type === "FunctionBody";
    if (!functionTypes.has(node.type) || !hasBlock) return;
    const name = nameOf(node, parents);
    const line = source.lineOf(node.start);
    measured.push({ size: sizeFor(source.path, name), name, line, lines: source.lineOf(node.end) - line + 1 });
  });
  return measured;
}

function sizeFor(path: string, name: string): Size {
  if (path.startsWith("library/src/integrity/")) return integritySize;
  return path.endsWith(".tsx") && /^[A-Z]/.test(name) ? componentSize : functionSize;
}

interface Naming extends Node {
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string; readonly value?: unknown };
}

/** The function's own name, or that of the variable, property or method that holds it, even through `memo(…)`. */
function nameOf(node: FunctionNode, parents: readonly Node[]): string {
  if (node.id?.name !== undefined) return node.id.name;
  for (const parent of parents.toReversed() as Naming[]) {
    const name = parent.id?.name ?? parent.key?.name ?? parent.key?.value;
    if (typeof name === "string") return name;
    if (parent.type === "BlockStatement" || parent.type === "FunctionBody") break;
  }
  return "(anonymous)";
}

if (import.meta.main) {
  const { findings, notes, files, functions } = checkSizes(join(import.meta.dirname, ".."));
  for (const note of notes) process.stdout.write(`${note}\n`);
  report("check-sizes", findings, `${functions} functions in ${files} files`);
}
