import { rmSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { formatVerifierKey, verifierKeyOf } from "../../src/integrity/note-key.ts";
import { parseSignedNote } from "../../src/integrity/signed-note.ts";
import { keyFor, openKeyFile, rotateKeyFile } from "../../src/sealing/key-file.ts";
import { openSealing } from "../../src/sealing/open-sealing.ts";
import { runWithContext } from "../../src/context/context.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { makePlace, openSealed, storeOrigin, verifyStore } from "./sealed-store.ts";

const anchor = "auditrail.anchor";
const minute = 60_000;

describe("a round", () => {
  test("signs every trail and then the anchor, which holds their checkpoints", async () => {
    const { sealing, sell, verifyOutside, store } = await openSealed(makePlace());
    await sell(3);
    await sell(2, "a/b ü");
    const status = await sealing.checkpointNow();
    const found = await verifyOutside();
    expect(found["default"]!.map(({ size, origin }) => [size, origin])).toEqual([[3, `${storeOrigin}/default`]]);
    expect(found["a/b ü"]!.map(({ size, origin }) => [size, origin])).toEqual([[2, `${storeOrigin}/a%2Fb%20%C3%BC`]]);
    expect(found[anchor]!.map(({ size, origin }) => [size, origin])).toEqual([[2, `${storeOrigin}/${anchor}`]]);
    expect(status).toMatchObject({
      state: "ok",
      refused: [],
      lastCheckpoint: { size: 2, cosignedBy: [], timestamped: false },
    });
    const anchored = (await store.read(anchor, 0, 10)).map(
      ({ text }) => JSON.parse(text) as { data: { note: string } },
    );
    expect(anchored.map(({ data }) => data.note).toSorted()).toEqual(
      [found["a/b ü"]![0]!.note, found["default"]![0]!.note].toSorted(),
    );
  });

  test("signs what has changed, and nothing else", async () => {
    const { sealing, sell, verifyOutside } = await openSealed(makePlace());
    await sell(1, "a");
    await sell(1, "b");
    await sealing.checkpointNow();
    for (let round = 0; round < 3; round += 1) {
      await sell(300, "a");
      await sealing.checkpointNow();
      await verifyOutside();
    }
    const found = await verifyOutside();
    expect(found["a"]!.map(({ size }) => size)).toEqual([1, 301, 601, 901]);
    expect(found["b"]!.map(({ size }) => size)).toEqual([1]);
    expect(found[anchor]!.map(({ size }) => size)).toEqual([2, 3, 4, 5]);
  });

  test("does nothing in an empty store", async () => {
    const { sealing, verifyOutside } = await openSealed(makePlace());
    expect(await sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
    expect(await verifyOutside()).toEqual({});
  });

  test("takes nothing from the context that is in force when it is asked", async () => {
    const { sealing, sell, store, verifyOutside } = await openSealed(makePlace());
    await sell(1);
    await runWithContext(
      { tenant: "other", actor: { type: "user", id: "1" }, operationId: "op", reason: "because" },
      () => sealing.checkpointNow(),
    );
    await verifyOutside();
    const [entry] = await store.read(anchor, 0, 1);
    expect(JSON.parse(entry!.text)).toMatchObject({ tenant: anchor, actor: { type: "system", id: "auditrail" } });
    expect(JSON.parse(entry!.text)).not.toHaveProperty("operationId");
    expect(JSON.parse(entry!.text)).not.toHaveProperty("reason");
  });

  test("keeps a tenant's odd name as it is in the anchor", async () => {
    const { sealing, sell, verifyOutside } = await openSealed(makePlace());
    const odd = ["ünï/çø∂é %2F", "<script>", "'; DROP TABLE x; --", "e\u0301", "…+…", "x".repeat(128)];
    for (const tenant of odd) await sell(1, tenant);
    expect(await sealing.checkpointNow()).toMatchObject({ state: "ok" });
    await verifyOutside();
  });
});

test("a store in memory is sealed as well", async () => {
  const { keyFile, guard, clock } = makePlace();
  const store = openMemoryStore({ origin: storeOrigin, clock });
  const trail = await openTrail({ catalogue: openCatalogue(), store, clock });
  const { keys } = openKeyFile(keyFile);
  const sealing = openSealing({ store, record: trail.record, keys, guard, clock, intervalMs: 0 });
  for (let count = 0; count < 300; count += 1) await trail.record("shop.sold", { actor: { type: "user" } } as never);
  await sealing.checkpointNow();
  const found = await verifyStore(
    store as never,
    keys.map(({ publicKey }) => publicKey),
  );
  expect([found["default"]![0]!.size, found[anchor]![0]!.size]).toEqual([300, 1]);
  await sealing.close();
  await trail.close();
});

describe("at an interval", () => {
  test("signs by itself, and what is idle at a slower pace, so that silence is visible", async () => {
    const place = makePlace();
    const { sealing, sell, verifyOutside } = await openSealed(place, { intervalMs: 20, idleIntervalMs: 1000 });
    const rounds = async (): Promise<void> => {
      const before = Date.now();
      while (Date.now() < before + 150) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await sell(5);
    await rounds();
    let found = await verifyOutside();
    expect(found["default"]!.map(({ size }) => size)).toEqual([5]);
    await rounds();
    expect((await verifyOutside())["default"]).toHaveLength(1);
    place.clock.advance(1_000);
    await rounds();
    found = await verifyOutside();
    expect(found["default"]!.map(({ size, note }) => [size, note])).toEqual([
      [5, found["default"]![0]!.note],
      [5, found["default"]![0]!.note],
    ]);
    expect(found["default"]![1]!.createdAtMicros - found["default"]![0]!.createdAtMicros).toBe(1_000_000);
    expect(found[anchor]!.map(({ size }) => size)).toEqual([1, 2]);
    expect(sealing.status().state).toBe("ok");
  });

  test("a clock that goes backwards neither stops signing nor breaks anything", async () => {
    const place = makePlace();
    const { sealing, sell, verifyOutside } = await openSealed(place, { intervalMs: 20 });
    await sell(1);
    await sealing.checkpointNow();
    place.clock.advance(-365 * 24 * 60 * minute);
    await sell(1);
    await expect.poll(async () => (await verifyOutside())["default"]!.at(-1)!.size).toBe(2);
    expect(sealing.status().state).toBe("ok");
  });

  test("does not keep a process alive, and ends with close()", async () => {
    const { sealing, verifyOutside, sell } = await openSealed(makePlace(), { intervalMs: 10 });
    await sell(1);
    await sealing.close();
    expect(sealing.status().state).toBe("closed");
    const before = await verifyOutside();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await verifyOutside()).toEqual(before);
    await expect(sealing.checkpointNow()).rejects.toMatchObject({ code: "SEALING_CLOSED" });
    await sealing.close();
  });
});

describe("the rotation of keys", () => {
  test("signs each trail once with both keys, idle ones too, and then with the new one", async () => {
    const place = makePlace();
    const first = await openSealed(place);
    await first.sell(1, "busy");
    await first.sell(1, "idle");
    await first.sealing.checkpointNow();
    await first.close();
    const [old, newest] = rotateKeyFile(place.keyFile).keys;

    const second = await openSealed(place);
    await second.sealing.checkpointNow();
    await second.sell(1, "busy");
    await second.sealing.checkpointNow();
    const found = await second.verifyOutside();
    const keyIds = (tenant: string) =>
      found[tenant]!.map(({ note }) => parseSignedNote(note).signatures.map(({ keyId }) => keyId));
    for (const tenant of ["busy", "idle", anchor]) {
      const [before, after] = [old!, newest!].map((key) => keyFor(found[tenant]![0]!.origin, key).keyId);
      expect(keyIds(tenant).slice(0, 2)).toEqual([[before], [before, after]]);
      expect(keyIds(tenant).slice(2)).toEqual(tenant === "idle" ? [] : [[after]]);
    }
  });

  test("needs the old key until the new one has signed", async () => {
    const place = makePlace();
    const first = await openSealed(place);
    await first.sell(1);
    await first.sealing.checkpointNow();
    const { keys } = rotateKeyFile(place.keyFile);
    const without = openSealing({
      store: first.store,
      record: first.trail.record,
      keys: keys.slice(1),
      guard: place.guard,
      intervalMs: 0,
    });
    const { state, refused } = await without.checkpointNow();
    expect([state, refused.map(({ tenant, code }) => [tenant, code])]).toEqual([
      "refused",
      [
        ["default", "GUARD_INVALID"],
        [anchor, "GUARD_INVALID"],
      ],
    ]);
    await first.verifyOutside();
  });

  test("a verifier who knows the public key can name it for any trail", () => {
    const [key] = openKeyFile(makePlace().keyFile).keys;
    const named = keyFor("audit.example.com/shop/default", key!);
    expect(formatVerifierKey(verifierKeyOf(named))).toMatch(/^audit\.example\.com\/shop\/default\+[0-9a-f]{8}\+/);
    expect(named.publicKey).toEqual(key!.publicKey);
  });
});

describe("the guard", () => {
  test("lost, with checkpoints in the store: refuses, records on, and continues after a new epoch", async () => {
    const place = makePlace();
    const { sealing, sell, verifyOutside } = await openSealed(place);
    await sell(3);
    await sealing.checkpointNow();
    const signed = (await verifyOutside())["default"]![0]!.note;
    rmSync(place.guard);
    await sell(1);
    await sell(1, "new");
    const status = await sealing.checkpointNow();
    expect(status.refused.map(({ tenant, code }) => [tenant, code])).toEqual([
      ["default", "GUARD_MISSING"],
      [anchor, "GUARD_MISSING"],
    ]);
    expect((await verifyOutside())["new"], "a trail that was never signed is not held up").toHaveLength(1);
    const begun = await sealing.beginEpoch({ reason: "guard lost with the disk", actor: { type: "user", id: "1" } });
    expect(begun.map(({ tenant, epoch, seq }) => [tenant, epoch, seq])).toEqual([
      ["default", 2, 4],
      [anchor, 2, 2],
    ]);
    const found = await verifyOutside();
    expect(found["default"]!.map(({ origin, size }) => [origin, size])).toEqual([
      [`${storeOrigin}/default`, 3],
      [`${storeOrigin}/default/epoch-2`, 5],
    ]);
    expect(signed).toContain(`${storeOrigin}/default\n3\n`);
    expect(sealing.status().state).toBe("ok");
  });

  test("of several stores may be one file", async () => {
    const place = makePlace();
    const one = await openSealed(place);
    const two = await openSealed({ ...place, database: `${place.database}.2` }, {}, { origin: `${storeOrigin}/two` });
    for (const each of [one, two]) {
      await each.sell(2);
      expect(await each.sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
      await each.sealing.checkpointNow();
      await each.verifyOutside();
    }
    expect(await one.sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
  });
});

test("options that cannot be used are refused", async () => {
  const place = makePlace();
  const { store, trail } = await openSealed(place);
  const options = { store, record: trail.record, keys: openKeyFile(place.keyFile).keys, guard: place.guard };
  expect(() => openSealing({ ...options, keys: [] })).toThrowError(expect.objectContaining({ code: "OPTION_INVALID" }));
  expect(() => openSealing({ ...options, guard: "" })).toThrowError(
    expect.objectContaining({ code: "OPTION_INVALID" }),
  );
  expect(() => openSealing({ ...options, intervalMs: -1 })).toThrowError(
    expect.objectContaining({ code: "OPTION_INVALID" }),
  );
  expect(() => openSealing({ ...options, interval: 1 } as never)).toThrowError(
    expect.objectContaining({ code: "OPTION_UNKNOWN" }),
  );
  await expect(trail.record("shop.sold", { tenant: anchor })).rejects.toMatchObject({ code: "EVENT_INVALID" });
});
