import type { z } from "zod";

import type { ErrorCode } from "../base/error-codes.ts";

/** What a person may do. A person has one or several roles; each of them may do what a viewer does. */
export const roles = ["viewer", "staff", "auditor", "administrator"] as const;
export type Role = (typeof roles)[number];

/** What a program with an API key may do. */
export const scopes = ["entries:read", "entries:reveal", "entries:export", "events:write", "metrics:read"] as const;
export type Scope = (typeof scopes)[number];

/** Who may call a route: people with one of the roles, and keys with the scope. `anyone` needs no session. */
export type Access =
  | { readonly kind: "anyone" }
  | { readonly kind: "callers"; readonly roles: readonly Role[]; readonly scope?: Scope }
  /** The bearer of a short-lived token that `createEmbedToken` made. */
  | { readonly kind: "embed-token" };

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a route answers with when it succeeds. */
export interface Answer {
  readonly status: 200 | 201 | 204 | 207;
  readonly says: string;
  /** The media type; `application/json` unless said. */
  readonly type?: string;
  /** Of JSON answers. */
  readonly schema?: z.ZodType;
}

/** One row of the route table. The server, the OpenAPI document, the reference and the tests read it. */
export interface Route {
  /** What clients and handlers call it: the `operationId` of OpenAPI. */
  readonly name: string;
  readonly method: Method;
  /** Below the prefix, with `:name` for parameters. */
  readonly path: string;
  readonly says: string;
  /** A heading in the reference. */
  readonly area: string;
  readonly access: Access;
  /** Strings, as they stand in the URL; read by the schema into what the handler gets. */
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: Answer;
  /** Codes beyond those that any route can answer with. */
  readonly errors?: readonly ErrorCode[];
}

/** Keeps the schemas' types while the row is checked. */
export function route<const R extends Route>(row: R): R {
  return row;
}

export const anyone: Access = { kind: "anyone" };

/** Every person who has signed in; keys with the scope, when one is given. */
export function people(scope?: Scope): Access {
  return { kind: "callers", roles, ...(scope === undefined ? {} : { scope }) };
}

export function administrators(scope?: Scope): Access {
  return { kind: "callers", roles: ["administrator"], ...(scope === undefined ? {} : { scope }) };
}
