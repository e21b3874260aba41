/** Answers: JSON, errors by code, ETags. */

import { hash } from "node:crypto";

import { AuditError, isAuditError, type AuditErrorOptions } from "../base/errors.ts";
import { errorStatus } from "./error-status.ts";

/** Of every answer. What we send is never run, framed, sniffed or kept by caches. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
};

/** What is JSON already, of a value with this shape. */
export class JsonText<Shape = unknown> {
  readonly text: string;
  declare readonly shape?: Shape;

  constructor(text: string) {
    this.text = text;
  }

  /** An array of values that are JSON already. */
  static list<Item>(items: readonly JsonText<Item>[]): JsonText<readonly Item[]> {
    return new JsonText(`[${items.map(({ text }) => text).join(",")}]`);
  }

  /** An object with members that may be JSON already. */
  static object<Members extends Readonly<Record<string, unknown>>>(members: Members): JsonText<ShapeOf<Members>> {
    const written = Object.entries(members).map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`);
    return new JsonText(`{${written.join(",")}}`);
  }
}

type ShapeOf<Members> = {
  readonly [Name in keyof Members]: Members[Name] extends JsonText<infer Shape> ? Shape : Members[Name];
};

function writeJson(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value);
}

export function respondJson(value: unknown, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  const body = writeJson(value);
  return new Response(body, { status, headers: { ...headersOf(body), ...headers } });
}

/** With its length, an answer that is too short to be worth compressing is known as such, and with `vary` it is not made anew to say so. */
function headersOf(body: string): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    vary: "accept-encoding",
  };
}

/** JSON that a client may keep if it asks again whether it is still so. */
export function respondWithEtag(value: unknown, request: Request): Response {
  const body = writeJson(value);
  const etag = `"${hash("sha256", body, "base64url").slice(0, 32)}"`;
  const headers = { etag, "cache-control": "private, no-cache", vary: "cookie, authorization, accept-encoding" };
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  if (known.includes(etag) || known.includes("*")) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headersOf(body), ...headers } });
}

/** The error as an answer. What is not one of ours is told to the operator, not to the caller. */
export function respondError(error: unknown, onFailure: (error: unknown) => void): Response {
  const known = isAuditError(error) ? error : serverFailed(error);
  const status = errorStatus[known.code] ?? 500;
  if (status >= 500 && !known.retry) onFailure(error);
  // A message of a failure inside may name files of this machine.
  const message = status === 500 ? "Something went wrong on the server; its log says what." : known.message;
  const details = status === 500 ? {} : known.details;
  const wait = retryAfter(known, status);
  const body = { error: { code: known.code, message, ...(Object.keys(details).length === 0 ? {} : { details }) } };
  return respondJson(body, status, wait === undefined ? {} : { "retry-after": String(wait) });
}

function serverFailed(cause: unknown): AuditError {
  const options: AuditErrorOptions = { cause };
  return new AuditError("SERVER_FAILED", "Something went wrong that should not have been possible.", options);
}

function retryAfter({ details }: AuditError, status: number): number | undefined {
  const said = details["retryAfterSeconds"];
  if (typeof said === "number") return said;
  return status === 503 || status === 429 ? 1 : undefined;
}
