/** Who a request is from, and whether a page of ours made it. */

import { timingSafeEqual } from "node:crypto";

import { AuditError } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Caller } from "./caller.ts";
import { isEmbedToken, parseEmbedToken } from "./embed-token.ts";

export const sessionCookie = "auditrail_session";
export const csrfHeader = "x-auditrail-csrf";

/** The session's token that a request carries. */
export function readSessionToken(request: Request): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === sessionCookie && value !== undefined && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/**
 * Who a request is from. A key or token that is sent goes before the cookie, and must be good. `isUse` is false for looking again during
 * a long answer, which keeps no session alive.
 * Errors: `SESSION_REQUIRED`, `EMBED_INVALID`.
 */
export function findCaller(request: Request, accounts: Accounts, clock: Clock, isUse = true): Caller {
  const bearer = /^Bearer +([\w.-]{1,4096})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    if (isEmbedToken(bearer))
      return { kind: "embedded", scope: parseEmbedToken(bearer, accounts.secret, clock.nowMicros()) };
    const key = accounts.keys.find(bearer);
    if (key !== undefined) return { kind: "key", key };
    throw new AuditError("SESSION_REQUIRED", "The API key is not one that is in force.");
  }
  const token = readSessionToken(request);
  const session = token === undefined ? undefined : accounts.sessions.find(token, isUse);
  return session === undefined ? { kind: "nobody" } : { kind: "person", session };
}

/**
 * Returns when a request that changes something was made by a page of ours, or by a program. Errors: `REQUEST_FORGED`.
 *
 * Three walls, each of which would do: the cookie is SameSite=Strict, browsers say where a request comes from, and
 * the token of the session is known to our pages only. Before there is a session, the second one and JSON bodies,
 * which other sites cannot send without being asked for leave, have to do.
 */
export function assertOwnPage(
  request: Request,
  caller: Caller,
  accounts: Accounts,
  publicOrigin: string | undefined,
): void {
  if (request.method === "GET" || request.method === "HEAD" || caller.kind === "key") return;
  assertSameOrigin(request, publicOrigin);
  if (caller.kind !== "person") return;
  const expected = Buffer.from(accounts.sessions.csrfToken(caller.session.id));
  const given = Buffer.from(request.headers.get(csrfHeader) ?? "");
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new AuditError("REQUEST_FORGED", `Send the csrfToken of GET /api/v1/session as the header X-Auditrail-Csrf.`);
}

function assertSameOrigin(request: Request, publicOrigin: string | undefined): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const own = new URL(publicOrigin ?? request.url);
  const isOwn = origin === null || (URL.canParse(origin) && new URL(origin).host === own.host);
  if (isOwn && (site === null || site === "same-origin" || site === "none")) return;
  throw new AuditError(
    "REQUEST_FORGED",
    "The request comes from another site than ours. Behind a proxy, pass Host on or set publicOrigin.",
  );
}
