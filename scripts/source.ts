/** The project's TypeScript sources: which files there are, what they parse to, and what they import. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Program, parseSync } from "oxc-parser";

/** One import, re-export, `import()` or `import("…").Type`, as written. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler. `import { type X }` is not: under `verbatimModuleSyntax` the import itself stays. */
  readonly typeOnly: boolean;
  /** `import()` and `require()` inside code: loaded later, so they cannot close a cycle at load time. */
  readonly lazy: boolean;
}

export interface Source {
  /** Path from the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly Import[];
  lineOf(offset: number): number;
}

/** What a check has against a file; `todo` says how to mend it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly found: string;
  readonly todo: string;
}

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const skippedFolders = new Set(["node_modules", "dist", "coverage"]);

/** Paths of the `.ts` and `.tsx` files under a folder of the repository, sorted; none when it does not exist. */
export function listSources(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const found: string[] = [];
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${item.name}`;
    if (item.isDirectory() && !skippedFolders.has(item.name) && !item.name.startsWith(".")) {
      found.push(...listSources(root, path));
    } else if (item.isFile() && /\.tsx?$/.test(item.name)) found.push(path);
  }
  return found.toSorted();
}

/** Test files may import from anywhere, and their `describe` blocks may be long. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.tsx?$/.test(path) || /^(library|console)\/test\//.test(path);
}

/** Reads and parses one file; a finding instead when it does not parse. */
export function readSource(root: string, path: string): Source | Finding {
  const text = readFileSync(join(root, path), "utf8");
  const lineOf = lineFinder(text);
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) {
    const line = lineOf(error.labels[0]?.start ?? 0);
    return {
      path,
      line,
      rule: "parse",
      found: error.message,
      todo: "Mend the syntax; nothing else of this file was checked.",
    };
  }
  return { path, text, program, lineOf, imports: findImports(program, lineOf) };
}

/** Reads the sources of several folders; what does not parse is listed apart. */
export function readSources(root: string, folders: readonly string[]): { sources: Source[]; unparsed: Finding[] } {
  const read = folders.flatMap((folder) => listSources(root, folder)).map((path) => readSource(root, path));
  return {
    sources: read.filter((item) => "program" in item),
    unparsed: read.filter((item) => "rule" in item),
  };
}

/** Visits every node of a tree, parents before children. */
export function walk(
  value: unknown,
  visit: (node: Node, parents: readonly Node[]) => void,
  parents: readonly Node[] = [],
): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit, parents);
  } else if (typeof value === "object" && value !== null) {
    const isNode = "type" in value && typeof value.type === "string" && "start" in value;
    if (isNode) visit(value as Node, parents);
    const below = isNode ? [...parents, value as Node] : parents;
    for (const child of Object.values(value)) walk(child, visit, below);
  }
}

/** Prints findings the way editors and CI turn into links, and says so in the exit code. */
export function report(check: string, findings: readonly Finding[], checked: string): void {
  for (const { path, line, rule, found, todo } of findings) {
    process.stderr.write(`${path}:${line}  ${rule}: ${found}\n    ${todo}\n`);
  }
  if (findings.length > 0) {
    process.stderr.write(
      `${check}: ${findings.length} ${findings.length === 1 ? "problem" : "problems"} in ${checked}.\n`,
    );
    process.exitCode = 1;
  } else process.stdout.write(`${check}: ${checked} checked, all well.\n`);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const next = starts.findIndex((start) => start > offset);
    return next === -1 ? starts.length : next;
  };
}

interface Literal extends Node {
  readonly value?: unknown;
}

/** The parts of the nodes that import something. */
interface ImportingNode extends Node {
  readonly source?: Literal | null;
  readonly importKind?: string;
  readonly exportKind?: string;
  readonly expression?: Literal;
  readonly callee?: Node & { readonly name?: string };
  readonly arguments?: readonly Literal[];
}

const importing: Readonly<Record<string, { readonly lazy?: boolean; readonly typeOnly?: boolean }>> = {
  ImportDeclaration: {},
  ExportNamedDeclaration: {},
  ExportAllDeclaration: {},
  TSExternalModuleReference: {},
  ImportExpression: { lazy: true },
  TSImportType: { typeOnly: true },
  CallExpression: { lazy: true },
};

function findImports(program: Program, lineOf: (offset: number) => number): Import[] {
  const imports: Import[] = [];
  walk(program, (node) => {
    const kind = importing[node.type];
    if (kind === undefined) return;
    const specifier = specifierOf(node);
    if (typeof specifier?.value !== "string") return;
    const { importKind, exportKind } = node as ImportingNode;
    imports.push({
      specifier: specifier.value,
      line: lineOf(specifier.start),
      typeOnly: kind.typeOnly ?? (importKind === "type" || exportKind === "type"),
      lazy: kind.lazy ?? false,
    });
  });
  return imports;
}

function specifierOf(node: ImportingNode): Literal | null | undefined {
  if (node.type === "CallExpression") return node.callee?.name === "require" ? node.arguments?.[0] : undefined;
  return node.type === "TSExternalModuleReference" ? node.expression : node.source;
}
