/**
 * The expressions of a mapping. There are three, and no more: a constant (`"user"`, `3`, `true`), a path in braces
 * (`"{user.id}"`, which keeps the value's type), and a template of both (`"order {id} of {customer}"`).
 *
 * A path is member names and list places with dots between them; one that begins with a slash is a JSON Pointer (RFC 6901), for names
 * with dots in them. `{{` and `}}` stand for braces.
 */

import type { Json, JsonObject } from "../base/canonical-json.ts";

/** The value for a record; `undefined` where a path in it leads nowhere, or to null or an empty text. */
export type Expression = (record: JsonObject) => Json | undefined;

type Part = { readonly text: string } | { readonly find: Expression };

const token = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** What is wrong with a template, or its expression. */
export function parseExpression(given: Json): Expression | { readonly problem: string } {
  if (typeof given !== "string") return () => given;
  const parts: Part[] = [];
  let end = 0;
  for (const match of given.matchAll(token)) {
    parts.push({ text: given.slice(end, match.index) });
    end = match.index + match[0].length;
    const [whole, path] = match;
    if (whole === "{{" || whole === "}}") parts.push({ text: whole[0]! });
    else if (path === undefined) return { problem: `has a single ${whole} in it; a brace itself is written twice` };
    else if (path.trim() === "") return { problem: "has {} with no path in it" };
    else parts.push({ find: pathExpression(path) });
  }
  parts.push({ text: given.slice(end) });
  return combine(parts.filter((part) => !("text" in part) || part.text !== ""));
}

function combine(parts: readonly Part[]): Expression {
  const [first] = parts;
  if (first !== undefined && parts.length === 1 && "find" in first) return first.find;
  return (record) => {
    let text = "";
    for (const part of parts) {
      const value = "text" in part ? part.text : part.find(record);
      if (value === undefined) return undefined;
      text += typeof value === "object" ? JSON.stringify(value) : String(value);
    }
    return text;
  };
}

function pathExpression(path: string): Expression {
  const steps = path.startsWith("/") ? path.slice(1).split("/").map(unescapeStep) : path.split(".");
  return (record) => {
    // A column of CSV may be called anything: its whole name counts first.
    let value: Json | undefined = Object.hasOwn(record, path) ? record[path] : walk(record, steps);
    if (value === null || value === "") value = undefined;
    return value;
  };
}

function unescapeStep(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function walk(record: JsonObject, steps: readonly string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}
