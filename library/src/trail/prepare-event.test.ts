import { expect, it } from "vitest";

import { openCatalogue } from "../event/catalogue.ts";
import { openMemoryStore } from "../stores/memory/memory-store.ts";
import { openTrail } from "./open-trail.ts";

it("refuses a tenant whose name looks like a secret, instead of letting such tenants share a trail", async () => {
  await using trail = await openTrail({ catalogue: openCatalogue(), store: openMemoryStore() });
  const recording = trail.record("shop.opened", { tenant: "4111 1111 1111 1111" });
  await expect(recording).rejects.toMatchObject({ code: "EVENT_INVALID" });
  expect(await trail.trails()).toEqual([]);
});
