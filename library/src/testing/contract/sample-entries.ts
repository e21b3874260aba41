/** Entries for the cases: real ones, made as the engine makes them. */

import { createIdSource } from "../../base/ids.ts";
import { systemClock } from "../../base/time.ts";
import { action } from "../../event/action.ts";
import { defineCatalogue, defineLog } from "../../event/catalogue.ts";
import { changedPaths } from "../../event/changed-paths.ts";
import type { EventFields } from "../../event/event.ts";
import { makeCommitment } from "../../integrity/commitment.ts";
import { createRedactor } from "../../redaction/redactor.ts";
import type { PreparedEntry, Store } from "../../trail/contracts.ts";
import { createPrepareEvent, type PrepareEvent } from "../../trail/prepare-event.ts";
import { z } from "zod";

const anyData = z.record(z.string(), z.unknown()).optional();
const log = (name: string) =>
  defineLog(name, {
    title: name,
    actions: {},
    otherActions: action({ op: "other", says: "{actor} did {action}", data: anyData }),
  });

const ids = createIdSource(systemClock);

/** What makes entries for a store. `id` may be given, to make the same event again. */
export function entryMaker(store: Pick<Store<unknown>, "origin">): (fields?: SampleFields) => PreparedEntry {
  const prepareEvent: PrepareEvent = createPrepareEvent({
    derives: false,
    catalogue: defineCatalogue(log("shop"), log("mail"), log("door")),
    redactor: createRedactor({
      commit: makeCommitment,
      randomSalt: () => crypto.getRandomValues(new Uint8Array(16)),
      changedPaths,
    }),
    clock: systemClock,
    ids,
    producer: ids(),
    storeOrigin: store.origin,
    strict: false,
    service: undefined,
    onUnknownActor: () => undefined,
  });
  return ({ action: name = "shop.sold", ...fields } = {}) =>
    prepareEvent(name, { actor: { type: "user", id: "1" }, ...fields }).entry;
}

export interface SampleFields extends EventFields {
  /** In one of the logs `shop`, `mail` and `door`. */
  readonly action?: string;
}

export function newEventId(): string {
  return ids();
}

/** Entries with `data.number` from 0. */
export function sampleEntries(
  store: Pick<Store<unknown>, "origin">,
  count: number,
  fields: SampleFields = {},
): PreparedEntry[] {
  const make = entryMaker(store);
  return Array.from({ length: count }, (_, number) => make({ ...fields, data: { number } }));
}

/** An entry that no store can keep, because its text is not an event. */
export function brokenEntry(store: Pick<Store<unknown>, "origin">): PreparedEntry {
  return { ...entryMaker(store)(), text: "not an event" };
}
