/** One request on one route: who, whether they may, what they ask, the answer. */

import type { z } from "zod";

import { AuditError } from "../base/errors.ts";
import { assertOwnPage, findCaller, readSessionToken, sessionCookie } from "./authenticate.ts";
import type { AnyCall, Handler, Services } from "./call.ts";
import { assertAccess, hasSameRights, type Caller } from "./caller.ts";
import type { FindAddress } from "../context/client-address.ts";
import { handlers } from "./handlers/handlers.ts";
import { readJsonBody } from "./read-body.ts";
import { respondError, respondJson, safeHeaders } from "./respond.ts";
import type { Route } from "./route.ts";
import type { RouteName } from "./routes.ts";

export interface DispatchOptions {
  readonly services: Services;
  readonly findAddress: FindAddress;
  readonly publicOrigin: string | undefined;
  readonly secureCookies: boolean;
  readonly mostBodyBytes: number;
  readonly onFailure: (error: unknown) => void;
}

export interface RouteRequest {
  readonly route: Route;
  readonly request: Request;
  readonly parameters: Readonly<Record<string, string>>;
  /** The address of whoever is connected. */
  readonly peer: string | undefined;
}

export type Dispatch = (asked: RouteRequest) => Promise<Response>;

export function createDispatch(options: DispatchOptions): Dispatch {
  const { services, onFailure } = options;
  return async (asked) => {
    const started = performance.now();
    const cookies: string[] = [];
    const requestId = services.ids();
    let response: Response;
    try {
      response = await answer(asked, options, requestId, cookies);
    } catch (error) {
      cookies.length = 0;
      response = respondError(error, onFailure);
    }
    services.metrics.noteRequest(asked.route.name, response.status, (performance.now() - started) / 1000);
    const sent = asked.request.method === "HEAD" ? withoutBody(response) : response;
    return finish(sent, asked.route, requestId, cookies);
  };
}

async function answer(
  asked: RouteRequest,
  options: DispatchOptions,
  requestId: string,
  cookies: string[],
): Promise<Response> {
  const { route, request } = asked;
  const { services, findAddress, publicOrigin, mostBodyBytes } = options;
  const { accounts, clock } = services;
  const caller = route.access.kind === "anyone" ? anyone(request, options) : findCaller(request, accounts, clock);
  assertAccess(caller, route.access);
  assertOwnPage(request, caller, accounts, publicOrigin);
  const query = Object.fromEntries(uniqueParameters(new URL(request.url)));
  const call: AnyCall & Record<"parameters" | "query" | "body", unknown> = {
    ...{ services, request, caller },
    origin: {
      ...{ caller, requestId, route: `${route.method} ${route.path}` },
      address: findAddress(asked.peer, request.headers.get("x-forwarded-for") ?? undefined),
      userAgent: request.headers.get("user-agent") ?? undefined,
    },
    mayGoOn: () => mayGoOn(asked, caller, options),
    setSession: (token) => cookies.push(cookieOf(token, options)),
    sessionToken: readSessionToken(request),
    parameters: read("path", route.parameters, asked.parameters),
    query: read("query", route.query, query),
    body: route.body === undefined ? undefined : read("body", route.body, await readJsonBody(request, mostBodyBytes)),
  };
  const handler = handlers[route.name as RouteName] as unknown as Handler<Route>;
  const reply = (await handler(call as never)) as unknown;
  if (reply instanceof Response) return reply;
  return reply === undefined ? new Response(null, { status: 204 }) : respondJson(reply, route.answer.status);
}

/** On open routes, a session that ran out is no session; keys are of no use there. */
function anyone(request: Request, { services: { accounts, clock } }: DispatchOptions): Caller {
  return request.headers.has("authorization") ? { kind: "nobody" } : findCaller(request, accounts, clock);
}

function mayGoOn({ route, request }: RouteRequest, began: Caller, { services }: DispatchOptions): boolean {
  try {
    const now = findCaller(request, services.accounts, services.clock, false);
    assertAccess(now, route.access);
    return hasSameRights(began, now);
  } catch {
    return false;
  }
}

/** A parameter that comes twice is two answers to one question. Errors: `REQUEST_INVALID`. */
function uniqueParameters({ searchParams }: URL): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (found.has(name)) throw invalid([`query.${name}: given twice`]);
    found.set(name, value);
  }
  return found;
}

/** Errors: `REQUEST_INVALID`, with every problem. */
function read(place: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) {
    const names = place === "query" ? Object.keys(value as object) : [];
    if (names.length > 0) throw invalid(names.map((name) => `query.${name}: this route has no such parameter`));
    return undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.map(({ path, message }) => `${[place, ...path].map(String).join(".")}: ${message}`),
  );
}

function invalid(problems: readonly string[]): AuditError {
  return new AuditError("REQUEST_INVALID", `Cannot read the request: ${problems.slice(0, 5).join("; ")}.`, {
    details: { problems: problems.slice(0, 50) },
  });
}

function cookieOf(token: string | undefined, { services: { prefix }, secureCookies }: DispatchOptions): string {
  const flags = `Path=${prefix === "" ? "/" : prefix}; HttpOnly; SameSite=Strict${secureCookies ? "; Secure" : ""}`;
  return token === undefined ? `${sessionCookie}=; ${flags}; Max-Age=0` : `${sessionCookie}=${token}; ${flags}`;
}

/** A stream that nobody will read has to be told so, or it holds its place for ever. */
function withoutBody(response: Response): Response {
  void response.body?.cancel().catch(() => undefined);
  return new Response(null, response);
}

function finish(response: Response, route: Route, requestId: string, cookies: readonly string[]): Response {
  const { headers } = response;
  for (const [name, value] of Object.entries(safeHeaders)) if (!headers.has(name)) headers.set(name, value);
  headers.set("x-request-id", requestId);
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  if (route.access.kind === "embed-token") openToAllSites(headers);
  return response;
}

/** The token is all it takes, and no cookie is looked at: so any page may ask. */
export function openToAllSites(headers: Headers): void {
  headers.set("access-control-allow-origin", "*");
  headers.set("cross-origin-resource-policy", "cross-origin");
}
