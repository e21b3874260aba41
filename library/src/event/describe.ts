/**
 * The catalogue as plain JSON, kept beside the trail so that tools without the application's code (the CLI, the
 * console, other languages) know its logs, sentences, schemas and marks. {@link parseCatalogue} reads it back.
 */

import { z } from "zod";

import { AuditError, isAuditError } from "../base/errors.ts";
import type { JsonObject } from "../base/canonical-json.ts";
import { action, type Action } from "./action.ts";
import { defineCatalogue, defineLog, type Catalogue, type ListOptions, type Log } from "./catalogue.ts";
import { addMark, markOf, type Mark } from "./marks.ts";
import { systemLog } from "./system-log.ts";

export interface ActionDescription {
  readonly op: Action["op"];
  readonly says: string;
  readonly guarantee: Action["guarantee"];
  readonly reason: Action["reason"];
  readonly severity: Action["severity"];
  readonly version: number;
  /** JSON Schema (draft 2020-12); marked fields carry `x-auditrail`. */
  readonly data?: JsonObject;
  readonly state?: JsonObject;
}

export interface LogDescription {
  readonly title: string;
  readonly actions: Readonly<Record<string, ActionDescription>>;
  readonly otherActions?: ActionDescription;
  readonly list: ListOptions;
  readonly retain?: { readonly days: number };
  readonly readers: "staff" | "restricted";
}

export interface CatalogueDescription {
  readonly format: 1;
  readonly logs: Readonly<Record<string, LogDescription>>;
}

const markKey = "x-auditrail";

export function describeCatalogue(catalogue: Catalogue): CatalogueDescription {
  const logs: Record<string, LogDescription> = {};
  for (const log of catalogue.logs.values()) {
    if (log.name === systemLog.name) continue;
    logs[log.name] = {
      title: log.title,
      actions: Object.fromEntries(Object.entries(log.actions).map(([name, made]) => [name, describeAction(made)])),
      ...(log.otherActions === undefined ? {} : { otherActions: describeAction(log.otherActions) }),
      list: log.list,
      ...(log.retain === undefined ? {} : { retain: log.retain }),
      readers: log.readers,
    };
  }
  return { format: 1, logs };
}

function describeAction(made: Action): ActionDescription {
  const { op, says, guarantee, reason, severity, version } = made;
  return {
    ...{ op, says, guarantee, reason, severity, version },
    ...(made.data === undefined ? {} : { data: describeSchema(made.data) }),
    ...(made.state === undefined ? {} : { state: describeSchema(made.state) }),
  };
}

function describeSchema(schema: z.ZodType): JsonObject {
  const described = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema, path }) {
      const mark = markOf(zodSchema);
      if (mark !== undefined) (jsonSchema as Record<string, unknown>)[markKey] = mark;
      const { def } = zodSchema._zod;
      // The sides of an intersection each see the other's members.
      if (def.type === "object" && def.catchall === undefined && !path.includes("allOf"))
        jsonSchema.additionalProperties = false;
    },
  });
  return described as unknown as JsonObject;
}

/** Reads a description back into a catalogue that validates as the original does. Errors: `CATALOGUE_INVALID`. */
export function parseCatalogue(description: unknown): Catalogue {
  const { format, logs } = (description ?? {}) as Partial<CatalogueDescription>;
  if (format !== 1 || typeof logs !== "object" || logs === null) {
    throw new AuditError(
      "CATALOGUE_INVALID",
      "Cannot read a catalogue description: expected format 1 with logs. It may be from a newer version.",
    );
  }
  try {
    return defineCatalogue(...Object.entries(logs).map(([name, log]) => parseLog(name, log)));
  } catch (cause) {
    if (isAuditError(cause) && cause.code === "CATALOGUE_INVALID") throw cause;
    throw new AuditError(
      "CATALOGUE_INVALID",
      "Cannot read a catalogue description: a log in it is damaged. See the cause.",
      { cause },
    );
  }
}

function parseLog(name: string, log: LogDescription): Log {
  const { title, list, readers } = log;
  return defineLog(name, {
    ...{ title, list, readers },
    actions: Object.fromEntries(Object.entries(log.actions).map(([key, made]) => [key, parseAction(made)])),
    ...(log.otherActions === undefined ? {} : { otherActions: parseAction(log.otherActions) }),
    ...(log.retain === undefined ? {} : { retain: log.retain }),
  });
}

/** Upcasts are code and stay with the application: a description's actions take any older version as it is. */
function parseAction(described: ActionDescription): Action {
  const { data, state, version, ...rest } = described;
  const keep = Object.fromEntries(Array.from({ length: version - 1 }, (_, index) => [index + 1, (old: never) => old]));
  return action<z.ZodType | undefined, z.ZodType | undefined, Action["guarantee"], Action["reason"]>({
    ...rest,
    version,
    upcast: keep,
    data: data === undefined ? undefined : parseSchema(data),
    state: state === undefined ? undefined : parseSchema(state),
  });
}

function parseSchema(described: JsonObject): z.ZodType {
  const registry = z.registry<Record<string, unknown>>();
  // A registry cannot be listed, so marks are taken as they come in: zod reports what it does not know of a schema.
  registry.add = (schema, ...[meta]: readonly (Record<string, unknown> | undefined)[]) => {
    const mark = meta?.[markKey] as Mark | undefined;
    if (mark !== undefined) addMark(schema as unknown as z.ZodType, mark);
    return registry;
  };
  return z.fromJSONSchema(described as never, { registry: registry as never });
}
