import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";

import { createIdSource } from "../base/ids.ts";
import { systemClock } from "../base/time.ts";
import { action } from "../event/action.ts";
import { defineCatalogue, defineLog } from "../event/catalogue.ts";
import { openEvent } from "../event/entry.ts";
import type { EventFields } from "../event/event.ts";
import { personal } from "../event/marks.ts";
import { testRedactor } from "../../test/redaction/redact-event.ts";
import { derive } from "./derive.ts";
import { createPrepareEvent } from "./prepare-event.ts";

const data = z.object({ note: personal(z.unknown()), list: z.array(personal(z.unknown())), rest: z.unknown() });
const catalogue = defineCatalogue(
  defineLog("shop", { title: "Shop", actions: { sold: action({ op: "update", says: "{actor} sold", data }) } }),
);
const ids = createIdSource(systemClock);
const prepareEvent = createPrepareEvent({
  ...{ catalogue, clock: systemClock, ids, producer: ids(), storeOrigin: "shop.example", service: undefined },
  ...{ strict: false, derives: true, redactor: testRedactor({ maxEntryBytes: 4096 }), onUnknownActor: () => undefined },
});

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constant("password=hunter2 \ud800 \u0000 Ä"));
const id = fc.string({ minLength: 1 });
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, maxDepth: 3 });
const value = fc.oneof(text, fc.double(), fc.jsonValue(), anything, fc.string({ minLength: 4000, maxLength: 9000 }));
const fields = fc.record(
  {
    message: text,
    actor: fc.record({ type: fc.constant("user"), id, name: text, email: text }, { requiredKeys: ["type"] }),
    targets: fc.array(fc.record({ type: fc.constantFrom("order", "item"), id, name: text })),
    data: fc.record({ note: value, list: fc.array(value), rest: value }),
  },
  { requiredKeys: ["data"] },
);

test("what is derived while the event is at hand is what its text and sealed parts say", () => {
  fc.assert(
    fc.property(fields, (given) => {
      const { derived, text: written, sealed } = prepareEvent("shop.sold", given as EventFields).entry;
      expect(derived).toEqual(derive(openEvent(written, sealed).event));
    }),
    { numRuns: 500 },
  );
});
