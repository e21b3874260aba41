/** The sentence of an action: `{actor} applied voucher {target} to order {data.orderNumber}`. */

import { quote } from "../base/errors.ts";
import { reference, type AuditEvent } from "./event.ts";

const placeholder = /\{([^{}]*)\}/g;
const roots = [
  "actor",
  "target",
  "action",
  "outcome",
  "reason",
  "message",
  "error",
  "data",
  "before",
  "after",
  "context",
];

/** What is wrong with a sentence, to be put after its name; `undefined` when nothing is. */
export function sentenceProblem(says: unknown): string | undefined {
  if (typeof says !== "string" || says.trim() === "") return "is empty";
  for (const [, path] of says.matchAll(placeholder)) {
    const root = path!.split(".")[0]!;
    if (!roots.includes(root)) return `names ${quote(path)}, which must start with one of ${roots.join(", ")}`;
  }
  return undefined;
}

/** Fills the sentence in for an event. What the event does not have reads as `…`. */
export function renderSentence(says: string, event: AuditEvent): string {
  return says.replaceAll(placeholder, (_, path: string) => valueAt(event, path));
}

function valueAt(event: AuditEvent, path: string): string {
  if (path === "actor") return label(event.actor);
  if (path === "target") return event.targets?.[0] === undefined ? "…" : label(event.targets[0]);
  let value: unknown = path.startsWith("target.") ? { target: event.targets?.[0] } : event;
  for (const name of path.split(".")) {
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  }
  if (value === undefined || value === null) return "…";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}

function label(of: { readonly type: string; readonly id?: string; readonly name?: string }): string {
  return of.name ?? reference(of);
}
