import { botCapture } from "./bot-capture.ts";
import { callerThread } from "./caller-thread.ts";
import { durableIngest } from "./durable-ingest.ts";
import { queries } from "./queries.ts";
import type { Scenario } from "./scenario.ts";
import { sealing } from "./sealing.ts";
import { transfer } from "./transfer.ts";
import { verify } from "./verify.ts";

export const scenarios: readonly Scenario[] = [
  botCapture,
  durableIngest,
  callerThread,
  queries,
  sealing,
  transfer,
  verify,
];
