/** A redactor as the engine makes it, and a plain event to give it, for the tests of redaction. */

import { concatBytes, decodeUtf8 } from "../../src/base/bytes.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { changedPaths } from "../../src/event/changed-paths.ts";
import { openEntry } from "../../src/event/entry.ts";
import type { AuditEvent } from "../../src/event/event.ts";
import type { ActionMarks } from "../../src/redaction/personal.ts";
import {
  createRedactor,
  type RawEvent,
  type RedactedEvent,
  type RedactorOptions,
} from "../../src/redaction/redactor.ts";

export function testRedactor(options: Partial<RedactorOptions> = {}) {
  return createRedactor({
    changedPaths,
    commit: (salt, bytes) => sha256(concatBytes(salt, bytes)),
    randomSalt: () => crypto.getRandomValues(new Uint8Array(16)),
    ...options,
  });
}

const plain = {
  ...{ schema: 1, version: 1, origin: "trail.example/shop", id: "019ab3c1-7b1e-7abc-8def-0123456789ab" },
  ...{ tenant: "default", action: "voucher.applied", op: "update", severity: "info", outcome: "success" },
  ...{ actor: { type: "user", id: "u1" }, occurredAt: "2026-11-22T09:26:00.123000Z" },
};

/** The plain event with other fields, which may hold anything, as a JavaScript caller's may. */
export function testEvent(fields: Readonly<Record<string, unknown>> = {}): RawEvent {
  return { ...plain, ...fields } as unknown as RawEvent;
}

const redactor = testRedactor();

export function redact(fields: Readonly<Record<string, unknown>>, marks: ActionMarks = {}): RedactedEvent {
  return redactor.redact(testEvent(fields), marks);
}

export function opened({ text, sealed }: RedactedEvent): AuditEvent {
  return openEntry({ seq: 1, recordedAtMicros: 0, hash: new Uint8Array(32), text, sealed }).event;
}

/** The event without what redaction says about it. */
export function content(event: AuditEvent): Record<string, unknown> {
  const { changed: _, redacted: __, truncated: ___, sealed: ____, ...rest } = event;
  return rest;
}

/** All that leaves redaction: the entry and what is sealed beside it. */
export function everything(result: RedactedEvent): string {
  return [result.text, ...result.sealed.map(({ bytes }) => decodeUtf8(bytes))].join("\n");
}
