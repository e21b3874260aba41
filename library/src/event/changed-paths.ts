import type { Json, JsonObject } from "../base/canonical-json.ts";

/**
 * The leaves in which two values differ, as JSON Pointers (RFC 6901) in the order of `before`, then of what is new.
 * Objects are compared by name and lists by index. A member or an item that only one of them has counts as one
 * leaf, however much is below it. Stops after `limit` paths.
 *
 * @example changedPaths({ a: 1, b: [1] }, { a: 2, b: [1, 2] }) // ["/a", "/b/1"]
 */
export function changedPaths(before: Json, after: Json, limit: number = Number.POSITIVE_INFINITY): string[] {
  const paths: string[] = [];
  compare(before, after, "", { paths, limit });
  return paths;
}

interface Comparison {
  readonly paths: string[];
  readonly limit: number;
}

function compare(before: Json | undefined, after: Json | undefined, path: string, comparison: Comparison): void {
  if (comparison.paths.length >= comparison.limit || before === after) return;
  if (isList(before) && isList(after)) compareLists(before, after, path, comparison);
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, comparison);
  else comparison.paths.push(path);
}

function compareLists(before: readonly Json[], after: readonly Json[], path: string, comparison: Comparison): void {
  const length = Math.max(before.length, after.length);
  for (let index = 0; index < length; index += 1) compare(before[index], after[index], `${path}/${index}`, comparison);
}

function compareObjects(before: JsonObject, after: JsonObject, path: string, comparison: Comparison): void {
  for (const name of Object.keys(before)) {
    compare(
      before[name],
      Object.hasOwn(after, name) ? after[name] : undefined,
      `${path}/${escapeName(name)}`,
      comparison,
    );
  }
  for (const name of Object.keys(after)) {
    if (!Object.hasOwn(before, name)) compare(undefined, after[name], `${path}/${escapeName(name)}`, comparison);
  }
}

function escapeName(name: string): string {
  return name.includes("~") || name.includes("/") ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
