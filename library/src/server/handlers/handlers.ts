import type { Handlers } from "../call.ts";
import { catalogueHandlers } from "./catalogue-handlers.ts";
import { countHandlers } from "./count-handlers.ts";
import { embedHandlers } from "./embed-handlers.ts";
import { entryHandlers } from "./entry-handlers.ts";
import { exportHandlers } from "./export-handlers.ts";
import { handOverHandlers } from "./hand-over-handlers.ts";
import { ingestHandlers } from "./ingest-handlers.ts";
import { keyHandlers } from "./key-handlers.ts";
import { operationHandlers } from "./operation-handlers.ts";
import { peopleHandlers } from "./people-handlers.ts";
import { proofHandlers } from "./proof-handlers.ts";
import { searchHandlers } from "./search-handlers.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { tailHandlers } from "./tail-handlers.ts";

/** One for each route: the compiler misses none. */
export const handlers: Handlers = {
  ...sessionHandlers,
  ...handOverHandlers,
  ...peopleHandlers,
  ...keyHandlers,
  ...searchHandlers,
  ...catalogueHandlers,
  ...entryHandlers,
  ...countHandlers,
  ...exportHandlers,
  ...tailHandlers,
  ...proofHandlers,
  ...ingestHandlers,
  ...embedHandlers,
  ...operationHandlers,
};
