/**
 * The route table: every route that the server has, who may call it, what it takes and what it answers with.
 *
 * No row changes or deletes an entry; a test walks the table to prove it. `POST /events` adds.
 */

import { accountRoutes } from "./routes/account-routes.ts";
import { operationRoutes } from "./routes/operation-routes.ts";
import { readingRoutes } from "./routes/reading-routes.ts";
import type { Route } from "./route.ts";

export const routeTable = { ...accountRoutes, ...readingRoutes, ...operationRoutes } as const;

export type RouteName = keyof typeof routeTable;

/** In the order of the reference. */
export const routes: readonly Route[] = Object.values(routeTable);
