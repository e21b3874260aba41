/** Checks what an application says of an event before it is built: clear errors for callers that types did not hold. */

import { asSentence, AuditError, quote, suggestion } from "../base/errors.ts";
import { idMicros, isEventId } from "../base/ids.ts";
import { readInstant } from "../base/time.ts";
import { outcomes, severities, sources, type EventFields } from "./event.ts";

/** What is wrong with a value, as "expected …"; `undefined` when nothing is. */
type Check = (value: unknown) => string | undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind of what was found, never the text itself: what stands in a wrong place may be a secret, and errors go into logs. */
const expected = (what: string, found: unknown): string => `expected ${what}, found ${kindOf(found)}`;

function kindOf(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty text" : `a text of ${value.length} characters`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  return isObject(value) ? "an object" : quote(value, 40);
}

const anything: Check = () => undefined;
const text: Check = (value) => (typeof value === "string" ? undefined : expected("a text", value));
const filled: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : expected("a text that is not empty", value);
const wholeNumber: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : expected("a whole number from 0", value);
const duration: Check = (value) =>
  typeof value === "number" && value >= 0 && Number.isFinite(value)
    ? undefined
    : expected("milliseconds from 0", value);
const typeName: Check = (value) =>
  typeof value === "string" && /^[^\s/]+$/.test(value)
    ? undefined
    : expected("a word without spaces or slashes", value);
/** Times are written with four digits for the year: beyond it no text order would be time order. */
const isWritable = (micros: number): boolean => micros >= -62_167_219_200_000_000 && micros < 253_402_300_800_000_000;
const eventId: Check = (value) => {
  if (typeof value !== "string" || !isEventId(value)) return expected("a UUID version 7 in lower case", value);
  return isWritable(idMicros(value)) ? undefined : expected("a UUID version 7 of a time before the year 10000", value);
};
const instant: Check = (value) => {
  const micros =
    value instanceof Date ? value.getTime() * 1000 : typeof value === "string" ? readInstant(value) : undefined;
  // Not a number is not writable either.
  if (micros !== undefined && isWritable(micros)) return undefined;
  return expected("a Date, or RFC 3339 with an offset such as 2026-11-22T09:26:00Z, from the year 0 to 9999", value);
};
const tenantName: Check = (value) =>
  typeof value === "string" && /^[^\p{Cc}\p{Cs}]{1,128}$/u.test(value)
    ? undefined
    : expected("1 to 128 characters without control characters", value);

const oneOf =
  (allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string)
      ? undefined
      : `${expected(`one of ${allowed.join(", ")}`, value)}${suggestion(String(value), allowed)}`;

const listOf =
  (item: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return expected("a list", value);
    for (const [index, each] of value.entries()) {
      const problem = item(each);
      if (problem !== undefined) return `item ${index}: ${problem}`;
    }
    return undefined;
  };

/** An object with these members and no others; `required` ones must be there. */
const shape = (members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check => {
  const names = Object.keys(members);
  return (value) => {
    if (!isObject(value)) return expected(`an object with ${names.join(", ")}`, value);
    for (const name of required) if (value[name] === undefined) return `${name} is missing`;
    for (const name of Object.keys(value)) {
      const check = members[name];
      if (check === undefined)
        return `has no member ${quote(name)}.${suggestion(name, names)} It has ${names.join(", ")}`;
      const problem = value[name] === undefined ? undefined : check(value[name]);
      if (problem !== undefined) return `${name}: ${problem}`;
    }
    return undefined;
  };
};

const actor = shape(
  {
    type: typeName,
    id: filled,
    name: text,
    email: text,
    roles: listOf(text),
    credential: text,
    agent: text,
  },
  ["type"],
);
const target = shape({ type: typeName, id: filled, name: text, role: text, parent: text }, ["type", "id"]);
const where = shape({
  ...{
    source: oneOf(sources),
    ip: text,
    userAgent: text,
    requestId: text,
    sessionId: text,
    traceId: text,
    spanId: text,
  },
  ...{ route: text, service: text },
});

const fields: Readonly<Record<keyof EventFields, Check>> = {
  id: eventId,
  occurredAt: instant,
  tenant: tenantName,
  actor,
  onBehalfOf: listOf(actor),
  target,
  targets: listOf(target),
  before: anything,
  after: anything,
  data: anything,
  outcome: oneOf(outcomes),
  error: anything,
  durationMs: duration,
  severity: oneOf(severities),
  message: text,
  reason: filled,
  context: where,
  correlationId: filled,
  causationId: filled,
  operationId: filled,
  subjects: listOf(filled),
  collapsed: shape({ count: wholeNumber, from: instant, until: instant }, ["count", "from", "until"]),
};

const checkAll = shape(fields);

/** Errors: `EVENT_INVALID`, saying which field and what was expected. */
export function assertFields(action: string, given: unknown): asserts given is EventFields {
  const problem = checkAll(given);
  if (problem === undefined) return;
  throw new AuditError(
    "EVENT_INVALID",
    asSentence(`Cannot record ${quote(action)}: the event ${isObject(given) ? "field " : ""}${problem}`),
    { details: { action } },
  );
}
