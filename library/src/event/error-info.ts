/** What was thrown, as an event's `error`. Anything can be thrown in JavaScript, and nothing here throws. */

import type { ErrorInfo } from "./event.ts";

/** Characters of a stack, its causes included. */
const longestStack = 8192;
const mostCauses = 8;
const mostErrors = 5;

/**
 * The name, code, message and stack of anything thrown. Causes and the errors of an aggregate are appended to the
 * stack, which is cut at the end of a line, so that no secret in it is cut in half before it can be masked.
 */
export function errorInfo(thrown: unknown): ErrorInfo {
  if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null) {
    return { name: "NonError", message: textOf(thrown) };
  }
  const code = member(thrown, "code");
  const stack = stackOf(thrown);
  return {
    name: nameOf(thrown),
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    message: messageOf(thrown),
    ...(stack === "" ? {} : { stack }),
  };
}

/** A member, or `undefined` where reading it throws. */
function member(of: object, name: string): unknown {
  try {
    return (of as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

function nameOf(thrown: object): string {
  const name = member(thrown, "name");
  if (typeof name === "string" && name !== "") return name;
  const made = member(thrown, "constructor");
  const className = typeof made === "function" ? member(made, "name") : undefined;
  return typeof className === "string" && className !== "" && className !== "Object" ? className : "NonError";
}

/** Of an object without a message only the names of its members are said: their values may be anything. */
function messageOf(thrown: object): string {
  const message = member(thrown, "message");
  if (typeof message === "string") return message;
  if (message !== undefined && message !== null && typeof message !== "object") return textOf(message);
  return `an object with ${namesOf(thrown)}`;
}

function namesOf(thrown: object): string {
  try {
    const names = Object.keys(thrown);
    return names.length === 0 ? "no members" : names.slice(0, 10).join(", ") + (names.length > 10 ? ", …" : "");
  } catch {
    return "members that cannot be read";
  }
}

function stackOf(thrown: object): string {
  const parts: string[] = [];
  const seen = new Set<unknown>([thrown]);
  let length = append(parts, "", thrown, 0);
  let cause = member(thrown, "cause");
  for (let count = 0; count < mostCauses && cause !== undefined && cause !== null && !seen.has(cause); count += 1) {
    seen.add(cause);
    if (length > longestStack) break;
    length = append(parts, "Caused by: ", cause, length);
    cause = typeof cause === "object" ? member(cause, "cause") : undefined;
  }
  for (const error of errorsOf(thrown)) {
    if (length > longestStack) break;
    length = append(parts, "Contains: ", error, length);
  }
  return cutAtLine(parts.join("\n"));
}

function errorsOf(thrown: object): readonly unknown[] {
  const errors = member(thrown, "errors");
  try {
    return Array.isArray(errors) ? (errors as unknown[]).slice(0, mostErrors) : [];
  } catch {
    return [];
  }
}

/** Appends the stack of one thrown value, or at least its name and message; answers the length so far. */
function append(parts: string[], prefix: string, thrown: unknown, length: number): number {
  const isObject = typeof thrown === "object" && thrown !== null;
  const stack = isObject ? member(thrown, "stack") : undefined;
  if (typeof stack !== "string" && prefix === "") return length;
  const text =
    typeof stack === "string" ? stack : isObject ? `${nameOf(thrown)}: ${messageOf(thrown)}` : textOf(thrown);
  parts.push(prefix + text);
  return length + prefix.length + text.length + 1;
}

function cutAtLine(text: string): string {
  if (text.length <= longestStack) return text;
  const end = text.lastIndexOf("\n", longestStack - 2);
  return end === -1 ? "…" : `${text.slice(0, end)}\n…`;
}
