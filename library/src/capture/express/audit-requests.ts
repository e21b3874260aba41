import type { IncomingHttpHeaders } from "node:http";

import { bindContext } from "../../context/context.ts";
import type { InventoryItem } from "../../event/inventory.ts";
import { createRequestCapture, type AuditedRequest, type ListedRoute } from "../audit-request.ts";
import { watchResponse, type NodeResponse } from "../node-response.ts";
import { notCaptured } from "../not-captured.ts";
import type { RequestOptions, RequestTrail } from "../request-options.ts";
import { findRoutes, join, type ExpressRoute, type ExpressRouter } from "./route-pattern.ts";

/** An Express application, as far as it is used. */
export interface ExpressApp {
  readonly router: unknown;
  /** Under which pattern it is used by another application. */
  readonly mountpath?: unknown;
  readonly parent?: unknown;
}

/** Express's request, as far as it is used. */
export interface ExpressRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly baseUrl: string;
  readonly app: ExpressApp;
  readonly route?: unknown;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

export type ExpressResponse = NodeResponse;

type Next = (error?: unknown) => void;

export interface ExpressCapture<Request> {
  (request: Request, response: ExpressResponse, next: Next): void;
  /** Passes errors on, and notes them: use it after the routes, before error handlers of your own. */
  readonly errors: (error: unknown, request: Request, response: ExpressResponse, next: Next) => void;
  /** The application's routes, for `auditrail/coverage`. Routes of applications that it uses list those themselves. */
  inventory(app: ExpressApp): readonly InventoryItem[];
  /** Records the repeated reads that were counted and not told yet. Call it before the trail is closed. */
  close(): Promise<void>;
}

const requests = new WeakMap<object, AuditedRequest>();

/**
 * Records every request of an Express 5 application, also those to routes that are added later. Use it before anything else, and
 * its `errors` after the routes. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ACTION_UNKNOWN` where the catalogue
 * lacks `requestLog()`.
 *
 * @example
 * const audit = auditRequests(trail, { actor: (request) => request.user && { type: "user", id: request.user.id } });
 * app.use(audit);
 * // sign-in, routes
 * app.use(audit.errors);
 */
export function auditRequests<Request extends ExpressRequest>(
  trail: RequestTrail,
  options: RequestOptions<Request> = {},
): ExpressCapture<Request> {
  const capture = createRequestCapture(trail, options);
  const thrown = new WeakMap<object, { readonly error: unknown }>();
  const middleware = (request: Request, response: ExpressResponse, next: Next): void => {
    const { method, headers, socket } = request;
    const running = capture.begin({
      ...{ request, method, peer: socket.remoteAddress },
      header: (name) => headers[name]?.toString(),
      route: () => patternOf(request),
    });
    requests.set(request, running);
    watchResponse(response, running, () => thrown.get(request));
    running.run(() => {
      // Parsers of bodies listen to the request, which emits in no context at all.
      request.emit = bindContext(request.emit);
      next();
    });
  };
  return Object.assign(middleware, {
    errors: (error: unknown, request: Request, _: ExpressResponse, next: Next): void => {
      thrown.set(request, { error });
      next(error);
    },
    inventory: (app: ExpressApp) => capture.inventory("express", listRoutes(app, middleware)),
    close: () => capture.close(),
  });
}

/** The request that a handler serves, to say more about it. Errors: `CONTEXT_INVALID` where the capture does not run. */
export function requestOf(request: object): AuditedRequest {
  const running = requests.get(request);
  if (running === undefined) throw notCaptured();
  return running;
}

const patterns = new WeakMap<ExpressRoute, string>();

/** Known when a route was chosen; what is refused before that has none. */
function patternOf({ route, app, baseUrl }: ExpressRequest): string | undefined {
  if (route === undefined) return undefined;
  const chosen = route as ExpressRoute;
  if (!patterns.has(chosen)) {
    const prefix = mountOf(app);
    for (const found of findRoutes(app.router as ExpressRouter)) patterns.set(found.route, join(prefix, found.pattern));
  }
  // Where the routers on the way cannot be read, their part is as it was called.
  return patterns.get(chosen) ?? join(baseUrl, String(chosen.path));
}

function mountOf({ parent, mountpath }: ExpressApp): string {
  if (parent === undefined) return "";
  return join(mountOf(parent as ExpressApp), Array.isArray(mountpath) ? mountpath.join("|") : String(mountpath));
}

/** Express runs what matches in the order of registration: what was registered before the capture answers without it. */
function listRoutes(app: ExpressApp, middleware: unknown): readonly ListedRoute[] {
  const router = app.router as ExpressRouter;
  const own = router.stack.findIndex(({ handle }) => handle === middleware);
  const prefix = mountOf(app);
  return findRoutes(router).flatMap(({ route, pattern, top }) =>
    methodsOf(route).map((method) => ({
      ...{ method, route: join(prefix, pattern) },
      captured: own !== -1 && own < router.stack.indexOf(top),
    })),
  );
}

/** A route's handlers each have a method; those of `all()` have none. */
function methodsOf({ stack }: ExpressRoute): readonly string[] {
  return [...new Set(stack.map(({ method }) => method?.toUpperCase() ?? "*"))];
}
