import type { InventoryItem } from "../../event/inventory.ts";
import { createRequestCapture, type AuditedRequest, type ListedRoute, type RunningRequest } from "../audit-request.ts";
import { watchResponse, type NodeResponse } from "../node-response.ts";
import { notCaptured } from "../not-captured.ts";
import type { RequestOptions, RequestTrail } from "../request-options.ts";

interface HonoRoute {
  readonly path: string;
  readonly method: string;
  readonly handler: (...args: never[]) => unknown;
}

/** Hono's context, as far as it is used. */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    /** All that match the request, in the order in which they run. */
    readonly matchedRoutes: readonly HonoRoute[];
    header(name: string): string | undefined;
  };
  /** With `@hono/node-server`: Node's own request and response. */
  readonly env: unknown;
  readonly res: { readonly status: number };
  /** What a handler threw, when Hono has made an answer of it. */
  readonly error: Error | undefined;
  header(name: string, value: string): void;
}

/** A Hono application, as far as it is used. */
export interface HonoApp {
  readonly routes: readonly HonoRoute[];
}

export type HonoMiddleware<Context> = (context: Context, next: () => Promise<void>) => Promise<void>;

export interface HonoCaptureMethods {
  /** The application's routes, for `auditrail/coverage`. */
  inventory(app: HonoApp): readonly InventoryItem[];
  /** Records the repeated reads that were counted and not told yet. Call it before the trail is closed. */
  close(): Promise<void>;
}

export type HonoCapture<Context> = HonoMiddleware<Context> & HonoCaptureMethods;

const requests = new WeakMap<object, AuditedRequest>();

/**
 * Records every request of a Hono application, also those to routes that are added later. Use it before anything else.
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ACTION_UNKNOWN` where the catalogue lacks `requestLog()`.
 *
 * @example
 * app.use(auditRequests(trail, { actor: (c) => c.get("user") && { type: "user", id: c.get("user").id } }));
 */
export function auditRequests<Context extends HonoContext>(
  trail: RequestTrail,
  options: RequestOptions<Context> = {},
): HonoCapture<Context> {
  const capture = createRequestCapture(trail, options);
  const middleware: HonoMiddleware<Context> = async (context, next) => {
    const { incoming, outgoing } = nodeParts(context);
    const request = capture.begin({
      request: context,
      method: context.req.method,
      peer: incoming?.socket?.remoteAddress,
      header: (name) => context.req.header(name),
      route: () => patternOf(context),
    });
    requests.set(context, request);
    let thrown: { readonly error: unknown } | undefined;
    const findThrown = () => thrown ?? (context.error && { error: context.error });
    if (outgoing !== undefined) watchResponse(outgoing, request, findThrown);
    try {
      await request.run(next);
    } catch (error) {
      // Hono makes answers of errors only; anything else that is thrown goes past all of its handlers.
      thrown = { error };
      if (outgoing === undefined) request.end({ status: 500, thrown });
      throw error;
    }
    if (outgoing === undefined) answered(context, request, findThrown());
  };
  return Object.assign(middleware, {
    inventory: (app: HonoApp) => capture.inventory("hono", listRoutes(app, middleware)),
    close: () => capture.close(),
  });
}

/** Where no server stands below, as in `app.request()`, nothing tells when an answer has gone out. */
function answered(
  context: HonoContext,
  request: RunningRequest,
  thrown: { readonly error: unknown } | undefined,
): void {
  for (const [name, value] of request.answerHeaders) context.header(name, value);
  request.end({ status: context.res.status, thrown });
}

/**
 * The request that a handler serves, to say more about it. Errors: `CONTEXT_INVALID` where the capture does not run.
 */
export function requestOf(context: HonoContext): AuditedRequest {
  const request = requests.get(context);
  if (request !== undefined) return request;
  throw notCaptured();
}

interface NodeParts {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  readonly outgoing?: NodeResponse;
}

function nodeParts({ env }: HonoContext): NodeParts {
  return typeof env === "object" && env !== null ? env : {};
}

/** Middleware takes `next`; what answers does not. The last of those is whom the request is for, whether it was let through to it or not. */
function patternOf({ req }: HonoContext): string | undefined {
  return req.matchedRoutes.findLast(isHandler)?.path;
}

const isHandler = ({ handler, method }: HonoRoute): boolean => handler.length < 2 || method !== "ALL";

/** Hono runs what matches in the order of registration: what was registered before the capture answers without it. */
function listRoutes({ routes }: HonoApp, middleware: unknown): readonly ListedRoute[] {
  const captures = routes.map(({ handler, path }, index) => ({ handler, path, index }));
  const own = captures.filter(({ handler }) => handler === middleware);
  return routes.flatMap((route, index) =>
    isHandler(route)
      ? {
          method: route.method === "ALL" ? "*" : route.method,
          route: route.path,
          captured: own.some((capture) => capture.index < index && isBelow(route.path, capture.path)),
        }
      : [],
  );
}

/** Whether a route's pattern lies within that of a middleware: `*`, `/admin/*`. */
function isBelow(route: string, scope: string): boolean {
  const prefix = scope.replace(/\/?\*$/, "");
  return prefix === "" || route === prefix || (scope.endsWith("*") && route.startsWith(`${prefix}/`));
}
