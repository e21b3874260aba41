import { expect, test } from "vitest";

import { canonicalize } from "../base/canonical-json.ts";
import { encodeUtf8 } from "../base/bytes.ts";
import { action } from "../event/action.ts";
import { defineCatalogue, defineLog } from "../event/catalogue.ts";
import type { StoredEntry } from "../event/entry.ts";
import { viewEntry, writeEntry } from "./entry-view.ts";
import { z } from "zod";

const placed = action({
  op: "create",
  says: "{actor} placed {target} for {data.total}",
  version: 2,
  data: z.object({ total: z.string() }),
  upcast: { 1: ({ sum }: { sum: number }) => ({ total: String(sum) }) },
});
const catalogue = defineCatalogue(defineLog("order", { title: "Orders", actions: { placed } }));

const sealed = (paths: readonly string[]) => ({ commitment: "c", subject: "user/1", paths });
const part = (index: number, fragment: object) => ({
  ...{ index, subject: "user/1", salt: new Uint8Array(16) },
  bytes: encodeUtf8(JSON.stringify(fragment)),
});
const stored = (fields: object, parts: StoredEntry["sealed"] = []): StoredEntry => ({
  ...{ seq: 7, recordedAtMicros: 1_764_000_000_123_456, hash: new Uint8Array(32).fill(171), sealed: parts },
  text: canonicalize({
    ...{ action: "order.placed", id: "e1", version: 2, actor: { type: "user", id: '"1"\n' }, data: { total: "5" } },
    ...fields,
  }),
});
const personal = { sealed: [sealed(["/actor/name"]), sealed(["/context/ip"])] };

test.each<[string, StoredEntry]>([
  ["without personal data", stored({})],
  ["with odd names and texts", stored({ data: { "2": 1, "10": "\u2028</script>", total: '"' } })],
  ["of an action that nobody knows", stored({ action: "order.gone" })],
  ["of an older version", stored({ version: 1, data: { sum: 5 } })],
  ["with personal data", stored(personal, [part(0, { actor: { name: "Zoë" } }), part(1, { context: { ip: "::1" } })])],
  ["with personal data of which some was erased", stored(personal, [part(1, { context: { ip: "::1" } })])],
  [
    "with personal data, of an older version",
    stored({ ...personal, version: 1, data: {} }, [part(0, { data: { sum: 3 } })]),
  ],
])("an entry %s is written as it is viewed, masked and revealed", (_, entry) => {
  for (const reveals of [true, false]) {
    const written = writeEntry(entry, { reveals }, catalogue);
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(viewEntry(entry, { reveals }, catalogue))));
    expect(/Zoë|::1|"total":"3"/.test(written)).toBe(reveals && entry.sealed.length > 0);
  }
});
