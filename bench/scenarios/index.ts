import { botCapture } from "./bot-capture.ts";
import { callerThread } from "./caller-thread.ts";
import { durableIngest } from "./durable-ingest.ts";
import { firstPaint } from "./first-paint.ts";
import { httpLoad } from "./http-load.ts";
import { httpOverload } from "./http-overload.ts";
import { httpPages } from "./http-pages.ts";
import { postgresQueries } from "./postgres-queries.ts";
import { postgresTriggers } from "./postgres-triggers.ts";
import { postgres } from "./postgres.ts";
import { queries } from "./queries.ts";
import { requestCaptures } from "./request-captures.ts";
import type { Scenario } from "./scenario.ts";
import { scrolling } from "./scrolling.ts";
import { sealing } from "./sealing.ts";
import { transfer } from "./transfer.ts";
import { verify } from "./verify.ts";

export const scenarios: readonly Scenario[] = [
  botCapture,
  durableIngest,
  callerThread,
  queries,
  postgresTriggers,
  sealing,
  transfer,
  verify,
  postgres,
  postgresQueries,
  httpPages,
  httpLoad,
  httpOverload,
  firstPaint,
  scrolling,
  requestCaptures,
];
