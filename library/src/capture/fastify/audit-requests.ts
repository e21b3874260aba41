import type { IncomingHttpHeaders } from "node:http";

import type { InventoryItem } from "../../event/inventory.ts";
import { createRequestCapture, type AuditedRequest, type ListedRoute, type RunningRequest } from "../audit-request.ts";
import { watchResponse, type NodeResponse } from "../node-response.ts";
import { notCaptured } from "../not-captured.ts";
import type { RequestOptions, RequestTrail } from "../request-options.ts";

/** Fastify's request, as far as it is used. */
export interface FastifyRequestShape {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: { readonly socket: { readonly remoteAddress?: string | undefined } };
  /** Without an address where no route matched. */
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyReplyShape {
  readonly raw: NodeResponse;
}

type Done = (error?: Error) => void;

/** A Fastify instance, as far as it is used: hooks are told apart by their names. */
export interface FastifyApp {
  addHook(name: never, hook: never): unknown;
}

type AddHook = (name: string, hook: (...args: never[]) => unknown) => unknown;

export interface FastifyCapture {
  /** For `app.register()`. */
  (app: FastifyApp, options: object, done: Done): void;
  /** The routes that were registered since the capture was, for `auditrail/coverage`. */
  inventory(): readonly InventoryItem[];
  /** Records the repeated reads that were counted and not told yet. Fastify's `close()` calls it. */
  close(): Promise<void>;
}

const requests = new WeakMap<object, RunningRequest>();

/**
 * Records every request of a Fastify application, also those to routes that are added later, in whatever plugin. Await its
 * registration before anything else. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ACTION_UNKNOWN` where the catalogue
 * lacks `requestLog()`.
 *
 * @example
 * await app.register(auditRequests(trail, { actor: (request) => request.user && { type: "user", id: request.user.id } }));
 */
export function auditRequests<Request extends FastifyRequestShape>(
  trail: RequestTrail,
  options: RequestOptions<Request> = {},
): FastifyCapture {
  const capture = createRequestCapture(trail, options);
  const thrown = new WeakMap<object, { readonly error: unknown }>();
  const routes: ListedRoute[] = [];
  const plugin = (app: FastifyApp, _: object, done: Done): void => {
    const addHook = app.addHook.bind(app) as AddHook;
    addHook("onRoute", (route: RegisteredRoute) => void routes.push(...listed(route)));
    addHook("onRequest", (request: Request, reply: FastifyReplyShape, next: Done) => {
      const running = capture.begin({
        ...{ request, method: request.method, peer: request.raw.socket.remoteAddress },
        header: (name) => request.headers[name]?.toString(),
        route: () => request.routeOptions.url,
      });
      requests.set(request, running);
      watchResponse(reply.raw, running, () => thrown.get(request));
      running.run(next);
    });
    // Between the two, bodies are parsed and hooks of others run, in listeners that may have lost the context.
    addHook("preValidation", (request: Request, __: unknown, next: Done) => requests.get(request)!.run(next));
    addHook("onError", (request: Request, __: unknown, error: Error, next: Done) => {
      thrown.set(request, { error });
      next();
    });
    addHook("onClose", () => capture.close());
    done();
  };
  return Object.assign(plugin, {
    // Otherwise the hooks would hold for routes inside this plugin only, of which there are none.
    [Symbol.for("skip-override")]: true,
    inventory: () => capture.inventory("fastify", withoutMadeHeads(routes)),
    close: () => capture.close(),
  });
}

/** The request that a handler serves, to say more about it. Errors: `CONTEXT_INVALID` where the capture does not run. */
export function requestOf(request: object): AuditedRequest {
  const running = requests.get(request);
  if (running === undefined) throw notCaptured();
  return running;
}

interface RegisteredRoute {
  readonly method: string | readonly string[];
  readonly url: string;
}

function listed({ method, url }: RegisteredRoute): readonly ListedRoute[] {
  const methods = typeof method === "string" ? [method] : method;
  return methods.map((each) => ({ method: each, route: url, captured: true }));
}

/** Fastify makes a HEAD route of every GET route. */
function withoutMadeHeads(routes: readonly ListedRoute[]): readonly ListedRoute[] {
  const read = new Set(routes.filter(({ method }) => method === "GET").map(({ route }) => route));
  return routes.filter(({ method, route }) => method !== "HEAD" || !read.has(route));
}
