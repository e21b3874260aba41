/** A session in a thread of its own: commits and long reads do not hold up the application's event loop. */

import { parentPort, workerData } from "node:worker_threads";

import { isAuditError } from "../../base/errors.ts";
import { systemClock } from "../../base/time.ts";
import { openNodeSqlite } from "./driver.ts";
import { openSession } from "./session.ts";
import type { ThreadCall, ThreadReply, ThreadOptions } from "./session-client.ts";

const port = parentPort!;
const reply = (message: ThreadReply): void => port.postMessage(message);

function describeError(error: unknown): NonNullable<ThreadReply["error"]> {
  if (!isAuditError(error)) return { code: "STORE_FAILED", message: String(error), details: {} };
  return { code: error.code, message: error.message, details: error.details };
}

try {
  const options = workerData as ThreadOptions;
  const session = openSession({ ...options, openConnection: openNodeSqlite, clock: systemClock });
  port.on("message", ({ call, operation, parameters }: ThreadCall) => {
    try {
      if (operation === "close") {
        session.close();
        reply({ call });
        port.close();
        return;
      }
      const run = session.operations[operation] as (...all: readonly unknown[]) => unknown;
      reply({ call, value: run(...parameters) });
    } catch (error) {
      reply({ call, error: describeError(error) });
    }
  });
  reply({ call: 0, value: session.origin });
} catch (error) {
  reply({ call: 0, error: describeError(error) });
  port.close();
}
