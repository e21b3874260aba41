import { expect, test } from "vitest";

import { createIdSource } from "../base/ids.ts";
import { systemClock } from "../base/time.ts";
import { defineCatalogue } from "../event/catalogue.ts";
import { testRedactor } from "../../test/redaction/redact-event.ts";
import { createPrepareEvent } from "./prepare-event.ts";

const ids = createIdSource(systemClock);
const prepareEvent = createPrepareEvent({
  ...{
    catalogue: defineCatalogue(),
    clock: systemClock,
    ids,
    producer: ids(),
    storeOrigin: "shop.example",
    service: undefined,
  },
  ...{ strict: false, derives: false, redactor: testRedactor({}), onUnknownActor: () => undefined },
});

/** Roots are random: in some of them the last letters before `=` are a name for a secret, and a signature follows. */
test.for(["pwd", "pin", "otp"])("a checkpoint whose root ends in %s= is anchored to the letter", (name) => {
  const root = `${"A".repeat(42 - name.length)}/${name}=`;
  const note = `shop.example/default\n12\n${root}\n\n— shop.example/default fT6aYBzY3UdZntci0qHiwRbIKzK0wAI\n`;
  const data = { tenant: "default", origin: "shop.example/default", size: 12, root, note };
  const { text } = prepareEvent("auditrail.checkpointed", { tenant: "auditrail.anchor", data }).entry;
  expect(JSON.parse(text)).toMatchObject({ data });
  const said = prepareEvent("auditrail.gap", {
    data: { producer: note, count: 1, cause: "crash" },
  }).entry.text;
  expect(JSON.parse(said)).not.toMatchObject({ data: { producer: note } });
});
