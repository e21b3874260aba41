/** A session in a thread of its own: commits and long reads do not hold up the application's event loop. */

import { parentPort, workerData } from "node:worker_threads";

import { isAuditError } from "../../base/errors.ts";
import { systemClock } from "../../base/time.ts";
import { openNodeSqlite } from "./driver.ts";
import { openSession, type Session } from "./session.ts";
import type { ThreadCall, ThreadReply, ThreadOptions } from "./session-client.ts";

const port = parentPort!;
const reply = (only: ThreadReply): void => port.postMessage([only]);

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

function answer(session: Session, { call, operation, parameters }: ThreadCall): ThreadReply {
  try {
    if (operation === "close") return { call, value: session.close() };
    const run = session.operations[operation] as (...all: readonly unknown[]) => unknown;
    return { call, value: run(...parameters) };
  } catch (error) {
    return { call, error: describeError(error) };
  }
}

/** How long an answer waits for those behind it, so that they travel together. */
const gatherMs = 1;

/** Answers calls in their order, up to the one that closes. */
function answerAll(session: Session, calls: readonly ThreadCall[]): void {
  let replies: ThreadReply[] = [];
  let began = performance.now();
  for (const call of calls) {
    const isLast = call === calls.at(-1) || call.operation === "close";
    replies.push(answer(session, call));
    if (!isLast && performance.now() - began < gatherMs) continue;
    port.postMessage(replies);
    if (call.operation === "close") return port.close();
    replies = [];
    began = performance.now();
  }
}

try {
  const session = openWhenUnlocked(workerData as ThreadOptions);
  port.on("message", (calls: readonly ThreadCall[]) => answerAll(session, calls));
  reply({ call: 0, value: session.identity });
} catch (error) {
  reply({ call: 0, error: describeError(error) });
  port.close();
}
