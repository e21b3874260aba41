/** The route table as OpenAPI 3.1, whose schemas are JSON Schema 2020-12: what zod writes by itself. */

import { z } from "zod";

import { errorCodes } from "../base/error-codes.ts";
import type { JsonObject } from "../base/canonical-json.ts";
import type { Access, Route } from "./route.ts";

export interface OpenapiOptions {
  readonly routes: readonly Route[];
  /** Where the server is mounted: empty, or `/audit`. */
  readonly prefix: string;
  readonly version: string;
}

/** Describes the routes as an OpenAPI 3.1 document. */
export function describeOpenapi({ routes, prefix, version }: OpenapiOptions): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  const components: Record<string, unknown> = { Error: errorSchema };
  for (const row of routes) {
    const path = row.path.replaceAll(/:([a-z]+)/gi, "{$1}");
    (paths[path] ??= {})[row.method.toLowerCase()] = describeRoute(row, components);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Auditrail",
      version,
      description: "Read an audit trail, prove it, and record into it. No route changes or deletes an entry.",
    },
    servers: [{ url: prefix === "" ? "/" : prefix }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "auditrail_session" },
        key: { type: "http", scheme: "bearer" },
      },
    },
  } as unknown as JsonObject;
}

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: {
        code: { type: "string", enum: Object.keys(errorCodes) },
        message: { type: "string" },
        details: { type: "object" },
      },
    },
  },
};

function describeRoute(row: Route, components: Record<string, unknown>): unknown {
  const { answer, body } = row;
  const type = answer.type ?? "application/json";
  const schema = answer.schema === undefined ? { type: "string" } : describeSchema(answer.schema, "output", components);
  return {
    operationId: row.name,
    summary: row.says,
    tags: [row.area],
    ...(row.access.kind === "anyone" ? {} : { security: securityOf(row.access) }),
    parameters: [...describeParameters(row.parameters, "path"), ...describeParameters(row.query, "query")],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: describeSchema(body, "input", components) } },
          },
        }),
    responses: {
      [answer.status]: {
        description: answer.says,
        ...(answer.status === 204 ? {} : { content: { [type]: { schema } } }),
      },
      default: {
        description: `An error${row.errors === undefined ? "" : `, such as ${row.errors.join(", ")}`}.`,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function securityOf(access: Access): unknown {
  if (access.kind !== "callers") return [{ key: [] }];
  return [
    ...(access.roles.length > 0 ? [{ session: [] }] : []),
    ...(access.scope === undefined ? [] : [{ key: [access.scope] }]),
  ];
}

function describeParameters(schema: z.ZodObject | undefined, place: "path" | "query"): readonly unknown[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, member]) => {
    const described = z.toJSONSchema(member as z.ZodType, { io: "input", unrepresentable: "any" });
    const { $schema: _, description, ...rest } = described;
    const required = !(member as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: place,
      required: place === "path" || required,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

/** Named schemas become components; all others are written where they are used. */
function describeSchema(schema: z.ZodType, io: "input" | "output", components: Record<string, unknown>): unknown {
  const described = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  const { $schema: _, $defs, id: __, ...rest } = described as Record<string, unknown>;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Record<string, unknown>>)) {
    const { id: ___, ...kept } = definition;
    components[name] ??= rewriteReferences(kept);
  }
  const name = schema.meta()?.["id"] as string | undefined;
  if (name === undefined) return rewriteReferences(rest);
  components[name] ??= rewriteReferences(rest);
  return { $ref: `#/components/schemas/${name}` };
}

function rewriteReferences(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as unknown;
}
