/**
 * Checks the direction of imports (docs/design: Floors), that doors are only doors, and that nothing imports in a circle.
 * Run with `npm run check:floors`.
 */

import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";

import { knownFolders, objection, partOf } from "./floors.ts";
import { findCycles } from "./import-cycles.ts";
import { type Finding, type Import, isTest, readSources, report, type Source, walk } from "./source.ts";

const library = "library/src/";
const members = ["console", "examples", "bench"];

export interface FloorsReport {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly imports: number;
}

/** Everything that is wrong with the imports of the repository at `root`. */
export function checkFloors(root: string): FloorsReport {
  const { sources, unparsed } = readSources(root, ["library/src", "library/test", ...members]);
  const packages = declaredPackages(root);
  const findings = [...unparsed];
  for (const source of sources) {
    if (source.path.startsWith(library)) findings.push(...checkLibraryFile(root, source, packages));
    else if (!source.path.startsWith("library/")) findings.push(...checkMemberFile(source));
  }
  findings.push(...findCycles(sources.filter(({ path }) => path.startsWith(library) && !isTest(path))));
  const imports = sources.reduce((count, source) => count + source.imports.length, 0);
  return { findings, files: sources.length + unparsed.length, imports };
}

function declaredPackages(root: string): ReadonlySet<string> {
  const path = join(root, "library/package.json");
  if (!existsSync(path)) return new Set();
  const { dependencies = {} } = JSON.parse(readFileSync(path, "utf8")) as { dependencies?: Record<string, string> };
  return new Set(Object.keys(dependencies));
}

function checkLibraryFile(root: string, source: Source, packages: ReadonlySet<string>): Finding[] {
  const { path } = source;
  if (isTest(path)) return [];
  const inside = path.slice(library.length);
  const findings = isDoor(path) ? checkDoor(source) : [...checkWallClock(source, inside)];
  if (inside !== "index.ts" && partOf(inside) === undefined) {
    const found = `library/src/${inside} is in no folder that has a floor`;
    findings.push({
      path,
      line: 1,
      rule: "unknown-folder",
      found,
      todo: `Known: ${knownFolders.join(", ")}. Add a new one to scripts/floors.ts.`,
    });
    return findings;
  }
  for (const item of source.imports) {
    const object = item.specifier.startsWith(".")
      ? checkRelative(root, source, item)
      : checkPackage(inside, item, packages);
    if (object !== undefined) findings.push({ path, line: item.line, found: `imports "${item.specifier}"`, ...object });
  }
  return findings;
}

type Objection = Pick<Finding, "rule" | "todo"> | undefined;

function checkRelative(root: string, source: Source, item: Import): Objection {
  const target = resolveFrom(source.path, item.specifier);
  if (!target.startsWith(library)) {
    return { rule: "outside", todo: "library/src is compiled and published alone: it imports nothing beside it." };
  }
  if (!existsSync(join(root, target)) || !posix.extname(target)) {
    return { rule: "missing-file", todo: "There is no such file; relative imports name the file with its .ts." };
  }
  if (isTest(target))
    return { rule: "test-file", todo: "Test files are not published: move what is shared into testing/." };
  if (isDoor(target)) {
    return { rule: "inside-door", todo: "index.ts is the door for outsiders: import the file that defines it." };
  }
  const inside = source.path.slice(library.length);
  if (isFamilyDoor(inside, target.slice(library.length))) return undefined;
  const [from, to] = [partOf(inside), partOf(target.slice(library.length))];
  return from === undefined || to === undefined ? undefined : objection(from, to, item.typeOnly);
}

/** The root's door may open onto every floor, and the door of a family onto its adapters. */
function isFamilyDoor(from: string, to: string): boolean {
  if (from === "index.ts") return true;
  return isDoor(from) && from.split("/").length === 2 && to.startsWith(from.slice(0, -"index.ts".length));
}

const portableFloors = 1;

function checkPackage(inside: string, { specifier }: Import, packages: ReadonlySet<string>): Objection {
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (name === "auditrail")
    return { rule: "own-name", todo: "Inside the library, import the file by its relative path." };
  const part = partOf(inside);
  if (isBuiltin(specifier)) {
    if (part === undefined || part.floor > portableFloors || part.name === "context") return undefined;
    return {
      rule: "node-module",
      todo: "Floors 0 and 1 run in the browser too: take it as an argument, or ask process.getBuiltinModule and have a fallback.",
    };
  }
  if (packages.has(name)) return undefined;
  return {
    rule: "undeclared-package",
    todo: "It is no dependency of library/package.json. Meet frameworks and drivers by their shape: write an interface of the part that is used.",
  };
}

/** A door holds `export … from "…"` and nothing else. */
function checkDoor(source: Source): Finding[] {
  const isExport = (type: string, node: object): boolean =>
    type === "ExportAllDeclaration" || (type === "ExportNamedDeclaration" && "source" in node && node.source !== null);
  return source.program.body
    .filter((statement) => !isExport(statement.type, statement))
    .map((statement) => ({
      path: source.path,
      line: source.lineOf(statement.start),
      rule: "door-exports-only",
      found: "index.ts holds something other than `export … from`",
      todo: "Move it into a file named after it, and export it from here.",
    }));
}

interface NewDate {
  readonly callee?: { readonly type: string; readonly name?: string };
  readonly arguments?: readonly unknown[];
}

/** `new Date()` reads the clock; oxlint, which bans the other ways to do so, cannot tell it from `new Date(x)`. */
function checkWallClock(source: Source, inside: string): Finding[] {
  const findings: Finding[] = [];
  if (inside.startsWith("base/")) return findings;
  walk(source.program, (node) => {
    const { callee, arguments: given } = node as NewDate;
    if (node.type !== "NewExpression" || callee?.name !== "Date" || given?.length !== 0) return;
    findings.push({
      path: source.path,
      line: source.lineOf(node.start),
      rule: "wall-clock",
      found: "reads the clock by `new Date()`",
      todo: "Take a Clock (base/time.ts) as an option, with systemClock as its default, so that tests can set the time.",
    });
  });
  return findings;
}

function checkMemberFile(source: Source): Finding[] {
  const findings: Finding[] = [];
  for (const item of source.imports) {
    const object = item.specifier.startsWith(".") ? leavesMember(source.path, item) : wrongDoor(source.path, item);
    if (object !== undefined)
      findings.push({ path: source.path, line: item.line, found: `imports "${item.specifier}"`, ...object });
  }
  return findings;
}

function leavesMember(path: string, { specifier }: Import): Objection {
  const depth = path.startsWith("examples/") ? 2 : 1;
  const member = `${path.split("/").slice(0, depth).join("/")}/`;
  const target = resolveFrom(path, specifier);
  if (target.startsWith(library)) {
    return {
      rule: "public-doors",
      todo: 'Examples, bench and console use the library as others do: import "auditrail/…".',
    };
  }
  if (target.startsWith(member) || isTest(path)) return undefined;
  return { rule: "outside", todo: `${member} stands alone: it imports its own files and packages.` };
}

const consoleDoors = new Set(["auditrail/integrity", "auditrail/query"]);

function wrongDoor(path: string, { specifier, typeOnly }: Import): Objection {
  if (!path.startsWith("console/") || isTest(path) || typeOnly) return undefined;
  if (specifier.split("/")[0] !== "auditrail" || consoleDoors.has(specifier)) return undefined;
  return {
    rule: "console-doors",
    todo: "The console speaks HTTP; it loads only auditrail/integrity and auditrail/query (types of others are fine).",
  };
}

function isDoor(path: string): boolean {
  return posix.basename(path) === "index.ts";
}

function resolveFrom(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

if (import.meta.main) {
  const { findings, files, imports } = checkFloors(join(import.meta.dirname, ".."));
  report("check-floors", findings, `${imports} imports in ${files} files`);
}
