/** From the words of a command line to the fields of an event. */

import type { Json } from "../base/canonical-json.ts";
import { AuditError, quote } from "../base/errors.ts";
import type { Actor, EventFields, Target } from "../event/event.ts";

/** As commander gives them; checked by the library like any other caller's. */
export interface FieldOptions {
  readonly actor?: string;
  readonly actorName?: string;
  readonly actorEmail?: string;
  readonly onBehalfOf?: readonly string[];
  readonly target?: readonly string[];
  readonly data?: string;
  readonly before?: string;
  readonly after?: string;
  readonly outcome?: string;
  readonly severity?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly error?: string;
  readonly subject?: readonly string[];
  readonly id?: string;
  readonly time?: string;
  readonly tenant?: string;
  readonly operation?: string;
  readonly correlation?: string;
}

/** Errors: `USAGE_INVALID`. What the values mean is checked when they are recorded. */
export function readEventFields(pairs: readonly string[], options: FieldOptions): EventFields {
  const { outcome, severity, message, reason, error, subject, id, tenant } = options;
  const fields = {
    ...{ outcome, severity, message, reason, id, tenant, subjects: subject },
    actor: readActor(options),
    onBehalfOf: options.onBehalfOf?.map((text) => readReference("--on-behalf-of", text)),
    targets: options.target?.map(readTarget),
    data: readData(pairs, options.data),
    before: readJson("--before", options.before),
    after: readJson("--after", options.after),
    error: error === undefined ? undefined : { name: "Error", message: error },
    occurredAt: options.time,
    operationId: options.operation,
    correlationId: options.correlation,
    context: { source: "cli" },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readActor({ actor, actorName, actorEmail }: FieldOptions): Actor | undefined {
  if (actor === undefined) {
    if (actorName === undefined && actorEmail === undefined) return undefined;
    throw usage("--actor-name and --actor-email say more of --actor, which is missing");
  }
  const person = {
    ...(actorName === undefined ? {} : { name: actorName }),
    ...(actorEmail === undefined ? {} : { email: actorEmail }),
  };
  return { ...readReference("--actor", actor), ...person };
}

/** `user/42`, or a type alone. Errors: `USAGE_INVALID`. */
export function readReference(option: string, text: string): { readonly type: string; readonly id?: string } {
  const [, type, id] = /^([^/]+)(?:\/(.+))?$/s.exec(text) ?? [];
  if (type === undefined) throw usage(`${option} has ${quote(text)}, expected type/id such as user/42`);
  return id === undefined ? { type } : { type, id };
}

/** `order/7`, with the part it played in front where there are several: `from=account/1`. */
function readTarget(text: string): Target {
  const [, role, rest] = /^(?:([A-Za-z][\w-]*)=)?(.*)$/s.exec(text)!;
  const { type, id } = readReference("--target", rest!);
  if (id === undefined) throw usage(`--target has ${quote(text)}, expected type/id such as order/7`);
  return { type, id, ...(role === undefined ? {} : { role }) };
}

/** `name=text` and `name:=json`, with dots for members of members, over what `--data` says. */
function readData(pairs: readonly string[], json: string | undefined): Json | undefined {
  const given = readJson("--data", json);
  if (pairs.length === 0) return given;
  if (given !== undefined && (typeof given !== "object" || given === null || Array.isArray(given))) {
    throw usage("--data has to be a JSON object where name=value pairs are given as well");
  }
  const data = { ...(given as Record<string, Json> | undefined) };
  for (const pair of pairs) {
    const [, path, operator, text] = /^([^=:\s]+)(:?=)(.*)$/s.exec(pair) ?? [];
    if (path === undefined)
      throw usage(`${quote(pair)} is not data: expected name=text or name:=json, such as amount=12.50 or count:=3`);
    place(data, path.split("."), operator === "=" ? text! : readJson(path, text)!);
  }
  return data;
}

function place(into: Record<string, Json>, [name, ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) return setOwn(into, name!, value);
  const inner = Object.hasOwn(into, name!) ? into[name!] : undefined;
  const members: Record<string, Json> =
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? { ...(inner as Record<string, Json>) } : {};
  place(members, rest, value);
  setOwn(into, name!, members);
}

/** `__proto__` is a name like any other. */
function setOwn(into: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}

function readJson(option: string, text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw usage(`${option} has ${quote(text)}, which is not JSON`, cause);
  }
}

function usage(problem: string, cause?: unknown): AuditError {
  return new AuditError("USAGE_INVALID", `Cannot record: ${problem}.`, { cause });
}
