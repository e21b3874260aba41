import { describe, expect, test } from "vitest";
import { z } from "zod";

import { errorInfo } from "../event/error-info.ts";
import { marksOf, personal } from "../event/marks.ts";
import type { RedactedEvent } from "./redactor.ts";
import { everything, redact } from "../../test/redaction/redact-event.ts";

describe("no secret", () => {
  const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5";
  const shaped = [
    jwt,
    "ghp_CANARY0123456789012345678901234567",
    "4111111111111111",
    "password=CANARY1",
    "Authorization: Bearer CANARY2canary",
    "postgres://app:CANARY3@db/x",
    '{"clientSecret":"CANARY4"}',
  ];
  const tell = ["CANARY", "canary", "4111111111111111", jwt.slice(0, 40), "c2lnbmF0dXJl"];
  const named = {
    password: "CANARY5",
    apiKey: "CANARY6",
    nested: [{ deep: { accessToken: "CANARY7", cookies: { sid: "CANARY8" } } }],
    list: [["x-api-key", "CANARY9"]],
  };

  /** What of the secrets can still be found, in the entry, its marks or the personal data. */
  const leaks = (result: RedactedEvent) => tell.filter((word) => everything(result).includes(word));

  const places: Readonly<Record<string, (text: string) => Readonly<Record<string, unknown>>>> = {
    message: (text) => ({ message: `said ${text}` }),
    reason: (text) => ({ reason: text }),
    tenant: (text) => ({ tenant: text }),
    "ids of the operation": (text) => ({
      correlationId: text,
      causationId: text,
      operationId: text,
      producer: text,
      subjects: [text],
    }),
    "the actor": (text) => ({
      actor: { type: text, id: text, name: text, email: text, roles: [text], credential: text, agent: text },
    }),
    "on behalf of": (text) => ({ onBehalfOf: [{ type: "user", id: text, name: text, email: text }] }),
    "the targets": (text) => ({ targets: [{ type: text, id: text, name: text, role: text, parent: text }] }),
    "the context": (text) => ({
      context: { ip: text, userAgent: text, requestId: text, sessionId: text, route: `/x?${text}`, service: text },
    }),
    "the error": (text) => ({
      error: errorInfo(
        Object.assign(new Error(`bad ${text}`, { cause: new Error(`why ${text}`, { cause: text }) }), { code: text }),
      ),
    }),
    "an aggregate error": (text) => ({ error: errorInfo(new AggregateError([new Error(text)], text)) }),
    "the state": (text) => ({ before: { a: text }, after: { a: [text] } }),
    "the data": (text) => ({
      data: {
        a: text,
        b: [{ c: text }],
        d: new Map([["k", new Set([text])]]),
        e: new Error(text),
        f: Buffer.from(text),
      },
    }),
    "names of members": (text) => ({
      data: { [text]: 1, in: { [text]: { [text]: 1 } } },
      before: { [text]: 1 },
      after: { [text]: 2 },
    }),
    "keys of a map": (text) => ({
      data: { m: new Map([[text, 1]]), n: new Map<unknown, unknown>([[{ [text]: 1 }, text]]) },
    }),
    "what toJSON gives": (text) => ({ data: { a: { toJSON: () => ({ text }) } } }),
  };

  for (const [place, put] of Object.entries(places)) {
    test.each(shaped)(`comes through in ${place}: %s`, (text) => {
      expect(leaks(redact(put(text)))).toEqual([]);
    });
  }

  test("comes through by name, in data, state, errors and personal data", () => {
    const marks = {
      data: marksOf(z.object({ person: personal(z.any()) })),
      state: marksOf(z.object({ person: personal(z.any()) })),
    };
    expect(
      leaks(
        redact(
          {
            data: { ...named, person: named },
            before: { ...named, person: named },
            after: named,
            actor: { type: "u", ...named },
          },
          marks,
        ),
      ),
    ).toEqual([]);
    expect(
      leaks(
        redact({
          data: { error: Object.assign(new Error("x"), { config: { headers: { Authorization: "CANARY" } } }) },
        }),
      ),
    ).toEqual([]);
  });

  test("comes through where the event is cut", () => {
    expect(
      leaks(
        redact({
          message: `${"x".repeat(70_000)} password=CANARY`,
          data: { list: Array.from({ length: 9000 }, () => named) },
        }),
      ),
    ).toEqual([]);
  });
});
