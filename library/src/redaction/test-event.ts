/** For the tests of this folder: a redactor with a real commitment, and an event that has every field. */

import { concatBytes } from "../base/bytes.ts";
import { sha256 } from "../base/sha256.ts";
import { changedPaths } from "../event/changed-paths.ts";
import { createRedactor, type RawEvent, type Redactor, type RedactorOptions } from "./redactor.ts";

export function testRedactor(options: Partial<RedactorOptions> = {}): Redactor {
  return createRedactor({
    changedPaths,
    commit: (salt, bytes) => sha256(concatBytes(salt, bytes)),
    randomSalt: () => crypto.getRandomValues(new Uint8Array(16)),
    ...options,
  });
}

/** An event that says nothing odd; `fields` may hold anything, as a JavaScript caller's may. */
export function testEvent(fields: Readonly<Record<string, unknown>> = {}): RawEvent {
  return {
    schema: 1,
    origin: "trail.example/shop",
    id: "019ab3c1-7b1e-7abc-8def-0123456789ab",
    tenant: "default",
    action: "voucher.applied",
    version: 1,
    op: "update",
    severity: "info",
    outcome: "success",
    actor: { type: "user", id: "u1" },
    occurredAt: "2026-11-22T09:26:00.123000Z",
    ...fields,
  } as unknown as RawEvent;
}
