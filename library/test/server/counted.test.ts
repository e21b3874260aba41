/** Facets and histograms of trails with more matches than are counted at once. */

import { expect, test } from "vitest";

import { openTestServer, sendTo, signInAll } from "./test-server.ts";

interface Facets {
  readonly facets: readonly unknown[];
  readonly complete: boolean;
}

test("what no tally knows is counted among the newest matches, and says so; the rest is exact", async () => {
  await using opened = await openTestServer({ limits: { counted: 3 } });
  const { staff } = await signInAll(opened.server, sendTo(opened.server));
  const ask = async <Answer>(path: string): Promise<Answer> => (await staff.send(`/api/v1/${path}`)).json() as never;
  const record = (id: string, targets: readonly string[], occurredAt: string) =>
    opened.trail.record(
      "voucher.applied" as never,
      {
        ...{ actor: { type: "user", id }, occurredAt },
        targets: targets.map((target) => ({ type: target, id: "1" })),
      } as never,
    );
  await record("old", ["order"], "2026-01-01T00:00:00Z");
  for (const id of ["a", "b", "b"]) await record(id, ["order", "voucher"], "2026-01-02T00:00:00Z");

  expect(await ask<Facets>("facets?query=log:voucher&fields=outcome,actor.id")).toMatchObject({
    facets: [
      { field: "outcome", values: [{ value: "success", count: 4 }], complete: true },
      { field: "actor.id", values: expect.arrayContaining([{ value: "b", count: 2 }]), others: 0, complete: false },
    ],
    complete: false,
  });
  expect(await ask("histogram?query=log:voucher&bucket=day")).toMatchObject({
    complete: true,
    bars: [{ count: 1 }, { count: 3 }],
  });
  expect(await ask("histogram?query=log:voucher -actor:user/c&bucket=day")).toMatchObject({
    complete: false,
    bars: [{ count: 3 }],
  });
  // Three entries that stand in six rows are not more than three.
  expect(await ask<Facets>("facets?query=log:voucher -actor:user/old&fields=target.type")).toMatchObject({
    facets: [{ values: [{ count: 3 }, { count: 3 }], complete: true }],
    complete: true,
  });
  expect(await ask("counts?query=log:voucher&by=actor.id")).toMatchObject({ rows: { length: 3 }, complete: true });
});
