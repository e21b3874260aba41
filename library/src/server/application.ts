/** Which route, or which file, a request is for. */

import { Hono, type Context } from "hono";
import { compress } from "hono/compress";

import { AuditError } from "../base/errors.ts";
import { barePage } from "./bare-page.ts";
import { openToAllSites, type Dispatch } from "./dispatch.ts";
import { respondError, safeHeaders } from "./respond.ts";
import { routes } from "./routes.ts";
import type { StaticFiles } from "./static-files.ts";

export interface Bindings {
  readonly peer?: string | undefined;
}

export interface ApplicationOptions {
  readonly dispatch: Dispatch;
  readonly files: StaticFiles | undefined;
  readonly prefix: string;
}

export interface Application {
  fetch(request: Request, bindings: Bindings): Promise<Response>;
}

type Asked = Context<{ Bindings: Bindings }>;

/** Shorter answers gain nothing. */
const compressFromBytes = 2_048;

export function createApplication({ dispatch, files, prefix }: ApplicationOptions): Application {
  const app = new Hono<{ Bindings: Bindings }>();
  app.use(compress({ threshold: compressFromBytes }));
  for (const route of routes) {
    app.on(route.method, prefix + route.path, (context) =>
      dispatch({
        route,
        request: context.req.raw,
        parameters: context.req.param() as Record<string, string>,
        peer: context.env?.peer,
      }),
    );
    if (route.access.kind === "embed-token") app.options(prefix + route.path, answerPreflight);
  }
  app.notFound((context) => answerElse(context, files, prefix));
  app.onError((error) => withSafeHeaders(respondError(error, (failure) => process.emitWarning(String(failure)))));
  return { fetch: async (request, bindings) => app.fetch(request, bindings) };
}

function answerPreflight(): Response {
  const headers = new Headers({
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "authorization",
    "access-control-max-age": "600",
  });
  openToAllSites(headers);
  return new Response(null, { status: 204, headers });
}

const owned = /^\/(api|health|metrics)(\/|$)/;

async function answerElse(context: Asked, files: StaticFiles | undefined, prefix: string): Promise<Response> {
  const { method, path } = context.req;
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
  const methods = inside === undefined ? [] : methodsOf(inside);
  if (methods.length > 0) {
    const message = `There is no ${method} here. No route changes or deletes an entry.`;
    const response = respondError(
      new AuditError("METHOD_NOT_ALLOWED", message, { details: { methods } }),
      () => undefined,
    );
    response.headers.set("allow", [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].join(", "));
    return withSafeHeaders(response);
  }
  const isFile = inside !== undefined && !owned.test(inside) && (method === "GET" || method === "HEAD");
  const file = isFile && files !== undefined ? await files.answer(inside, context.req.raw) : undefined;
  if (file !== undefined) return file;
  if (isFile && files === undefined && (inside === "/" || inside === "")) return barePage();
  return withSafeHeaders(
    respondError(new AuditError("ROUTE_NOT_FOUND", "There is no such route; see /api/v1/reference."), () => undefined),
  );
}

const patterns = routes.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/[.]/g, "\\.").replaceAll(/:\w+/g, "[^/]+")}$`),
}));

function methodsOf(path: string): readonly string[] {
  return [...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}

function withSafeHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(safeHeaders))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
