/** Express keeps no pattern of a whole route: it is put together from the routers on the way to it. */

/** A part of a router: a route, or something that is used, which may be a router of its own. */
export interface ExpressLayer {
  /** As it was given to `use()` or `get()`; express 5.3 keeps it, earlier ones do not. */
  readonly rawPath?: unknown;
  readonly handle: unknown;
  readonly route?: ExpressRoute | undefined;
}

export interface ExpressRoute {
  readonly path: unknown;
  readonly stack: readonly { readonly method?: string }[];
}

export interface ExpressRouter {
  readonly stack: readonly ExpressLayer[];
}

export interface FoundRoute {
  readonly route: ExpressRoute;
  readonly pattern: string;
  /** The layer of the application's own router that leads to it. */
  readonly top: ExpressLayer;
}

/** All routes below a router, in the order in which they are tried. */
export function findRoutes(router: ExpressRouter): readonly FoundRoute[] {
  return router.stack.flatMap((layer) => routesOf(layer, "", layer));
}

function routesOf(layer: ExpressLayer, prefix: string, top: ExpressLayer): readonly FoundRoute[] {
  if (layer.route !== undefined)
    return [{ route: layer.route, pattern: join(prefix, pathText(layer.route.path)), top }];
  const { stack } = layer.handle as Partial<ExpressRouter>;
  if (!Array.isArray(stack) || layer.rawPath === undefined) return [];
  const below = join(prefix, pathText(layer.rawPath));
  return (stack as readonly ExpressLayer[]).flatMap((inner) => routesOf(inner, below, top));
}

/** Lists of paths and regular expressions are shown as they are written. */
function pathText(path: unknown): string {
  return Array.isArray(path) ? path.map(pathText).join("|") : String(path);
}

export function join(prefix: string, path: string): string {
  const joined = `${prefix.replace(/\/$/, "")}${path === "/" ? "" : path}`;
  return joined === "" ? "/" : joined;
}
