import { assert } from "../assert.ts";

import { isAuditError } from "../../base/errors.ts";
import type { ErrorCode } from "../../base/error-codes.ts";
import type { StoredEntry } from "../../event/entry.ts";
import type { PreparedEntry, Store } from "../../trail/contracts.ts";

/** Asserts that `work` throws or rejects with an AuditError, of this code where one is given. */
export async function assertRejects(what: string, work: () => unknown, code?: ErrorCode): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.ok(isAuditError(error), `${what}: expected an AuditError, found ${String(error)}`);
    if (code !== undefined) assert.equal(error.code, code, `${what}: ${error.message}`);
    return;
  }
  assert.fail(`${what}: expected an AuditError${code === undefined ? "" : ` with code ${code}`}, but it did not fail`);
}

/** The whole trail of a tenant, by position: what was not pruned. */
export async function readAll(store: Store<unknown>, tenant = "default"): Promise<readonly StoredEntry[]> {
  const entries: StoredEntry[] = [];
  let position = (await store.listTrails()).find((head) => head.tenant === tenant)?.first ?? 0;
  for (;;) {
    const some = await store.read(tenant, position, position + 1_000);
    entries.push(...some);
    position += some.length;
    if (some.length < 1_000) return entries;
  }
}

/** Asserts that a trail holds exactly these entries, in this order. */
export async function assertTrail(
  store: Store<unknown>,
  tenant: string,
  expected: readonly PreparedEntry[],
): Promise<void> {
  const kept = await readAll(store, tenant);
  assert.deepEqual(
    kept.map(({ text }) => text),
    expected.map(({ text }) => text),
    `the trail of ${JSON.stringify(tenant)}`,
  );
  assert.deepEqual(
    kept.map(({ seq }) => seq),
    expected.map((_, position) => position),
    "positions",
  );
}
