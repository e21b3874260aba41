import { describe, expect, test } from "vitest";
import { z } from "zod";

import { action } from "./action.ts";
import { defineCatalogue, defineLog } from "./catalogue.ts";
import type { AuditEvent } from "./event.ts";
import { upcastEvent } from "./upcast.ts";

const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({
        op: "create",
        says: "{actor} placed {target}",
        version: 3,
        data: z.object({ total: z.string(), currency: z.string() }),
        upcast: {
          1: (data: { sum: number }) => ({ total: String(data.sum) }),
          2: (data: { total: string }) => ({ ...data, currency: "EUR" }),
        },
      }),
    },
  }),
);

const event = (fields: object) =>
  ({ action: "order.placed", version: 1, data: { sum: 5 }, ...fields }) as unknown as AuditEvent;

describe("upcastEvent", () => {
  test("takes the data through every version up to ours", () => {
    expect(upcastEvent(event({}), catalogue)).toEqual(event({ version: 3, data: { total: "5", currency: "EUR" } }));
    expect(upcastEvent(event({ version: 2, data: { total: "5" } }), catalogue).data).toEqual({
      total: "5",
      currency: "EUR",
    });
  });

  test("leaves the entry's event as it was written", () => {
    const old = event({});
    upcastEvent(old, catalogue);
    expect(old).toEqual(event({}));
  });

  test.each([
    ["of our version", event({ version: 3, data: { total: "5", currency: "USD" } })],
    ["of a newer version", event({ version: 4, data: { other: 1 } })],
    ["that the catalogue does not know", event({ action: "order.gone" })],
  ])("leaves an event alone %s", (_, given) => {
    expect(upcastEvent(given, catalogue)).toBe(given);
  });

  test("leaves an event without data, of which erasure or masking left none, without data", () => {
    const { data: _, ...rest } = event({});
    expect(upcastEvent(rest as AuditEvent, catalogue)).toEqual({ ...rest, version: 3 });
  });
});
