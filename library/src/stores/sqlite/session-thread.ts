/** A session in a thread of its own: commits and long reads do not hold up the application's event loop. */

import { parentPort, workerData } from "node:worker_threads";

import { isAuditError } from "../../base/errors.ts";
import { systemClock } from "../../base/time.ts";
import { openNodeSqlite } from "./driver.ts";
import { openSession, type Session } from "./session.ts";
import type { ThreadCall, ThreadReply, ThreadOptions } from "./session-client.ts";

const port = parentPort!;
const reply = (message: ThreadReply): void => port.postMessage(message);

function describeError(error: unknown): NonNullable<ThreadReply["error"]> {
  if (!isAuditError(error)) return { code: "STORE_FAILED", message: String(error), details: {} };
  return { code: error.code, message: error.message, details: error.details };
}

/** Blocking is what this thread is for, and while it opens nobody has asked it for anything yet. */
function openWhenUnlocked({ lockTimeoutMs, ...options }: ThreadOptions): Session {
  const giveUpAt = performance.now() + lockTimeoutMs;
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let waitMs = 2; ; waitMs = Math.min(2 * waitMs, 50)) {
    try {
      return openSession({ ...options, openConnection: openNodeSqlite, clock: systemClock });
    } catch (error) {
      if (!isAuditError(error) || error.code !== "STORE_LOCKED" || performance.now() > giveUpAt) throw error;
    }
    Atomics.wait(never, 0, 0, waitMs);
  }
}

try {
  const session = openWhenUnlocked(workerData as ThreadOptions);
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
  reply({ call: 0, value: session.identity });
} catch (error) {
  reply({ call: 0, error: describeError(error) });
  port.close();
}
