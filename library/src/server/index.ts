/** `auditrail/server`: the HTTP interface of a trail, and the console. */

export { createServer } from "./create-server.ts";
export { handOverLink, type HandedOverRole, type HandOverLinkOptions, type HandOverOptions } from "./hand-over.ts";
export {
  createNodeHandler,
  serveNode,
  type NodeHandler,
  type NodeServer,
  type ServeNodeOptions,
} from "./serve-node.ts";
export type { AuditServer, Connection, ServerOptions } from "./server-options.ts";
export { type Access, type Answer, type Method, type Role, roles, type Route, type Scope, scopes } from "./route.ts";
export { type RouteName, routes, routeTable } from "./routes.ts";
