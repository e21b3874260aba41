import { callerThread } from "./caller-thread.ts";
import { durableIngest } from "./durable-ingest.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [durableIngest, callerThread];
