/** The shape of a mapping file (docs/guide/importers.md describes it). */

import { z } from "zod";

import { asSentence, AuditError, quote, suggestion } from "../base/errors.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A constant, a path or a template; or one of these and a table that says what its values become. */
const expression = z.union([
  scalar,
  z.strictObject({ value: scalar, map: z.record(z.string(), scalar), otherwise: scalar.optional() }),
]);

const actor = z.strictObject({
  ...{ type: expression, id: expression.optional(), name: expression.optional(), email: expression.optional() },
  ...{ roles: z.array(expression).optional(), credential: expression.optional(), agent: expression.optional() },
});

const target = z.strictObject({
  ...{
    type: expression,
    id: expression,
    name: expression.optional(),
    role: expression.optional(),
    parent: expression.optional(),
  },
});

const time = z.union([
  z.string(),
  z.strictObject({ value: z.string(), format: z.string().optional(), zone: z.string().optional() }),
]);

const named = z.record(z.string(), expression);

export const mappingSchema = z.strictObject({
  log: z.string(),
  title: z.string().optional(),
  says: z.string().optional(),
  action: expression,
  occurredAt: time,
  id: expression.optional(),
  actor: actor.optional(),
  onBehalfOf: z.array(actor).optional(),
  target: target.optional(),
  targets: z.array(target).optional(),
  outcome: expression.optional(),
  severity: expression.optional(),
  message: expression.optional(),
  reason: expression.optional(),
  error: z.strictObject({ name: expression.optional(), code: expression.optional(), message: expression }).optional(),
  durationMs: expression.optional(),
  context: z
    .strictObject({
      ...{ ip: expression.optional(), userAgent: expression.optional(), requestId: expression.optional() },
      ...{ sessionId: expression.optional(), traceId: expression.optional(), spanId: expression.optional() },
      ...{ route: expression.optional(), service: expression.optional() },
    })
    .optional(),
  operationId: expression.optional(),
  correlationId: expression.optional(),
  causationId: expression.optional(),
  subjects: z.array(expression).optional(),
  before: named.optional(),
  after: named.optional(),
  data: named.optional(),
  keepOriginal: z.boolean().optional(),
  csv: z
    .strictObject({
      delimiter: z.string().min(1).max(8).optional(),
      quote: z.string().length(1).optional(),
      columns: z.array(z.string()).optional(),
    })
    .optional(),
});

export type MappingFile = z.infer<typeof mappingSchema>;

/** Errors: `IMPORT_INVALID`, naming every problem and where it is. */
export function parseMapping(text: string, name: string): MappingFile {
  let given: unknown;
  try {
    given = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalidMapping(name, [cause instanceof Error ? cause.message : String(cause)]);
  }
  const parsed = mappingSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidMapping(
    name,
    parsed.error.issues.flatMap((issue) => explainIssue(issue, "", given)),
  );
}

export function invalidMapping(name: string, problems: readonly string[]): AuditError {
  return new AuditError(
    "IMPORT_INVALID",
    `${asSentence(`Cannot use the mapping ${quote(name, 200)}: ${problems.join("; ")}`)} docs/guide/importers.md describes mappings.`,
    {
      details: { mapping: name, problems },
    },
  );
}

/** `given` is the value that the issue's path starts from. */
function explainIssue(issue: z.core.$ZodIssue, above: string, given: unknown): readonly string[] {
  const path = [above, ...issue.path.map(String)].filter((step) => step !== "").join(".");
  const at = path === "" ? "" : `${path}: `;
  const value = valueAt(given, issue.path);
  if (value === undefined) return [`${path} is missing`];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(path);
    return issue.keys.map(
      (key) =>
        `${at}there is no ${quote(key)}.${suggestion(key, known)}${known.length === 0 ? "" : ` Known are ${known.join(", ")}`}`,
    );
  }
  if (issue.code === "invalid_union") {
    // Of the alternatives, the one that came closest says what is wrong.
    const closest = issue.errors
      .filter((errors) => errors.some(({ code }) => code !== "invalid_type" || errors[0]!.path.length > 0))
      .at(-1);
    if (closest !== undefined) return closest.flatMap((inner) => explainIssue(inner, path, value));
    return [`${at}expected a text, a number, true, false or null, or an object with value and map`];
  }
  return [`${at}${issue.message.replace(/^Invalid input: /, "")}`];
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const step of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step];
  return value;
}

/** The keys that the schema knows at a place. */
function knownKeys(path: string): readonly string[] {
  const last =
    path
      .split(".")
      .filter((step) => !/^\d+$/.test(step))
      .at(-1) ?? "";
  const shapes: Readonly<Record<string, object>> = {
    "": mappingSchema.shape,
    actor: actor.shape,
    onBehalfOf: actor.shape,
    target: target.shape,
    targets: target.shape,
    error: mappingSchema.shape.error.unwrap().shape,
    context: mappingSchema.shape.context.unwrap().shape,
    csv: mappingSchema.shape.csv.unwrap().shape,
    occurredAt: { value: 0, format: 0, zone: 0 },
  };
  return Object.keys(shapes[last] ?? { value: 0, map: 0, otherwise: 0 });
}
