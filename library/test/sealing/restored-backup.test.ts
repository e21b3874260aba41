import { copyFileSync, renameSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { createKeyFile, openKeyFile } from "../../src/sealing/key-file.ts";
import { openSealing } from "../../src/sealing/open-sealing.ts";
import { makePlace, openSealed, storeOrigin, type Place } from "./sealed-store.ts";

const anchor = "auditrail.anchor";
const operator = { type: "user", id: "operator" };

/** Runs `work` on the store as the first process of its life would, and closes everything. */
async function during(
  place: Place,
  work: (opened: Awaited<ReturnType<typeof openSealed>>) => Promise<void>,
): Promise<void> {
  const opened = await openSealed(place);
  try {
    await work(opened);
    await opened.verifyOutside();
  } finally {
    await opened.close();
  }
}

/** The database with all that is in it, as a backup program copies it while nobody writes. */
function backUp({ database }: Place, name: string): void {
  copyFileSync(database, `${database}.${name}`);
}

function restore({ database }: Place, name: string): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(`${database}${suffix}`, { force: true });
  copyFileSync(`${database}.${name}`, database);
}

describe("a restored backup", () => {
  test("is refused, names both checkpoints, records on, and continues after a new epoch", async () => {
    const place = makePlace();
    await during(place, async ({ sell, sealing }) => {
      await sell(10);
      await sealing.checkpointNow();
    });
    backUp(place, "backup");
    await during(place, async ({ sell, sealing }) => {
      await sell(10);
      await sealing.checkpointNow();
    });
    restore(place, "backup");

    const opened = await openSealed(place);
    const { sealing, sell, verifyOutside, store } = opened;
    const refused = await sealing.checkpointNow();
    expect(refused.state).toBe("refused");
    expect(refused.refused.map(({ tenant, code }) => [tenant, code])).toEqual([
      ["default", "SIGNING_REFUSED"],
      [anchor, "SIGNING_REFUSED"],
    ]);
    const { message, details } = refused.refused[0]!;
    expect(message).toMatch(/last signed was size 20, root .{44}; the store now holds size 10, root .{44}/);
    expect(details).toMatchObject({
      origin: `${storeOrigin}/default`,
      signed: { size: 20, checkpoint: expect.stringMatching(/\/default\n20\n/) },
      found: { size: 10, checkpoint: expect.stringMatching(/\/default\n10\n/) },
    });

    // Also when it has grown past what was signed: then it is a fork.
    await sell(15);
    const grown = await sealing.checkpointNow();
    expect(grown.refused[0]).toMatchObject({
      code: "SIGNING_REFUSED",
      details: { signed: { size: 20 }, found: { size: 25 } },
    });
    expect(
      (await verifyOutside())["default"]!.map(({ size }) => size),
      "nothing was signed",
    ).toEqual([10]);

    const begun = await sealing.beginEpoch({ reason: "backup of Sunday put back", actor: operator });
    expect(begun).toEqual([
      { tenant: "default", epoch: 2, origin: `${storeOrigin}/default/epoch-2`, seq: 25 },
      { tenant: anchor, epoch: 2, origin: `${storeOrigin}/${anchor}/epoch-2`, seq: expect.any(Number) },
    ]);
    const [entry] = (await store.read("default", 25, 26)).map(
      ({ text }) => JSON.parse(text) as Record<string, unknown>,
    );
    expect(entry).toMatchObject({
      action: "auditrail.epoch-begun",
      actor: operator,
      reason: "backup of Sunday put back",
      data: {
        epoch: 2,
        size: 25,
        root: expect.stringMatching(/^.{43}=$/),
        checkpoint: expect.stringContaining(`${storeOrigin}/default\n20\n`),
      },
    });
    const found = await verifyOutside();
    expect(found["default"]!.map(({ origin, size }) => [origin.slice(storeOrigin.length), size])).toEqual([
      ["/default", 10],
      ["/default/epoch-2", 26],
    ]);
    expect(found[anchor]!.at(-1)!.origin).toBe(`${storeOrigin}/${anchor}/epoch-2`);
    for (const tenant of ["default", anchor]) {
      const { seq } = begun.find((each) => each.tenant === tenant)!;
      const ofNewEpoch = found[tenant]!.filter(({ origin }) => origin.endsWith("/epoch-2"));
      expect(
        ofNewEpoch.every(({ size }) => size > seq),
        "the entry is in every checkpoint of the epoch",
      ).toBe(true);
    }
    await sell(1);
    expect(await sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
    expect((await verifyOutside())["default"]!.at(-1)).toMatchObject({
      size: 27,
      origin: `${storeOrigin}/default/epoch-2`,
    });
    await expect(sealing.beginEpoch({ reason: "again", actor: operator })).rejects.toMatchObject({
      code: "EPOCH_NEEDLESS",
    });
  });

  test("from before the first checkpoint of a trail, or of any, is refused as well", async () => {
    const place = makePlace();
    await during(place, ({ sell }) => sell(3));
    backUp(place, "unsigned");
    await during(place, async ({ sell, sealing }) => {
      await sell(1, "later");
      await sealing.checkpointNow();
    });
    restore(place, "unsigned");
    await during(place, async ({ sealing, verifyOutside }) => {
      const { refused } = await sealing.checkpointNow();
      expect(
        refused.map(({ tenant }) => tenant),
        "default still continues what was signed",
      ).toEqual(["later", anchor]);
      await sealing.beginEpoch({ reason: "restored", actor: operator });
      expect((await verifyOutside())["later"]!.map(({ origin, size }) => [origin, size])).toEqual([
        [`${storeOrigin}/later/epoch-2`, 1],
      ]);
    });
  });

  test("that is put right by the newer database is signed again, without a new epoch", async () => {
    const place = makePlace();
    await during(place, async ({ sell, sealing }) => {
      await sell(5);
      await sealing.checkpointNow();
    });
    backUp(place, "old");
    await during(place, async ({ sell, sealing }) => {
      await sell(5);
      await sealing.checkpointNow();
    });
    backUp(place, "new");
    restore(place, "old");
    await during(place, async ({ sealing }) => {
      expect((await sealing.checkpointNow()).state).toBe("refused");
    });
    restore(place, "new");
    await during(place, async ({ sell, sealing }) => {
      await sell(1);
      expect(await sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
    });
  });

  test("twice: each time a new epoch", async () => {
    const place = makePlace();
    await during(place, async ({ sell, sealing }) => {
      await sell(300);
      await sealing.checkpointNow();
    });
    backUp(place, "backup");
    for (const epoch of [2, 3]) {
      await during(place, async ({ sell, sealing }) => {
        await sell(300);
        await sealing.checkpointNow();
      });
      restore(place, "backup");
      await during(place, async ({ sealing }) => {
        expect((await sealing.checkpointNow()).refused).toHaveLength(2);
        const begun = await sealing.beginEpoch({ reason: "again", actor: operator });
        expect(begun.map((each) => each.epoch)).toEqual([epoch, epoch]);
        expect(sealing.status().state).toBe("ok");
      });
    }
  });
});

describe("what else does not continue what was signed", () => {
  /** Changes the database behind our back, as its administrator could. */
  function meddle({ database }: Place, sql: string): void {
    const connection = new DatabaseSync(database);
    const triggers = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as {
      name: string;
    }[];
    for (const { name } of triggers) connection.exec(`DROP TRIGGER ${name}`);
    connection.exec(sql);
    connection.close();
  }

  test.each([
    ["the root of a full tile under the last checkpoint", "UPDATE auditrail_tile SET root = zeroblob(32)"],
    [
      "a leaf hash under the last checkpoint",
      "UPDATE auditrail_entry SET hash = zeroblob(32) WHERE (key & 4294967295) = 299",
    ],
    [
      "the right edge",
      "UPDATE auditrail_trail SET edge = CAST(substr(edge, 1, 40) || zeroblob(length(edge) - 40) AS BLOB) WHERE tenant = 'default'",
    ],
    ["a missing tile", "DELETE FROM auditrail_tile"],
  ])("%s", async (_, sql) => {
    const place = makePlace();
    await during(place, async ({ sell, sealing }) => {
      await sell(300);
      await sealing.checkpointNow();
      await sell(1);
    });
    meddle(place, sql);
    const { sealing, store } = await openSealed(place);
    const { refused } = await sealing.checkpointNow();
    expect(refused.find(({ tenant }) => tenant === "default")).toMatchObject({
      code: "SIGNING_REFUSED",
      details: { signed: { size: 300 }, found: { size: 301 } },
    });
    expect((await store.listCheckpoints("default", 0, 10)).map(({ size }) => size)).toEqual([300]);
  });
});

describe("the guard file", () => {
  async function signedOnce(): Promise<Place> {
    const place = makePlace();
    await during(place, async ({ sell, sealing }) => {
      await sell(3);
      await sealing.checkpointNow();
    });
    return place;
  }

  function editGuard({ guard }: Place, sql: string): void {
    const connection = new DatabaseSync(guard);
    connection.exec(sql);
    connection.close();
  }

  test.each([
    ["another size", "UPDATE guard SET note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))"],
    ["another epoch", "UPDATE guard SET epoch = 2"],
    ["no note", "UPDATE guard SET note = ''"],
    [
      "the note of another trail",
      "UPDATE guard SET note = (SELECT note FROM guard WHERE tenant = 'auditrail.anchor') WHERE tenant = 'default'",
    ],
  ])("edited to say %s is not believed", async (_, sql) => {
    const place = await signedOnce();
    editGuard(place, sql);
    await during(place, async ({ sealing, sell }) => {
      await sell(1);
      const { refused } = await sealing.checkpointNow();
      expect(refused).toContainEqual(expect.objectContaining({ tenant: "default", code: "GUARD_INVALID" }));
    });
  });

  test("that is no guard at all stops signing with an error, and recording goes on", async () => {
    const place = await signedOnce();
    writeFileSync(place.guard, "not a database, but long enough to be read as one ".repeat(40));
    await during(place, async ({ sealing, sell, verifyOutside }) => {
      await expect(sealing.checkpointNow()).rejects.toMatchObject({ code: "GUARD_INVALID" });
      expect(sealing.status()).toMatchObject({ state: "failing", failure: { code: "GUARD_INVALID" } });
      await sell(2);
      expect((await verifyOutside())["default"]).toHaveLength(1);
      renameSync(place.guard, `${place.guard}.damaged`);
      await sealing.beginEpoch({ reason: "guard damaged", actor: operator });
      expect(sealing.status().state).toBe("ok");
    });
  });

  test("edited by somebody who does not have the key cannot be replaced by one of another key", async () => {
    const place = await signedOnce();
    const forged = makePlace();
    await during({ ...forged, database: `${forged.database}` }, async ({ sell, sealing }) => {
      await sell(1);
      await sealing.checkpointNow();
    });
    writeFileSync(place.guard, readFileSync(forged.guard));
    await during(place, async ({ sealing }) => {
      expect((await sealing.checkpointNow()).refused.map(({ code }) => code)).toEqual([
        "GUARD_INVALID",
        "GUARD_INVALID",
      ]);
    });
  });

  test("of a copy of the database with another key is missing there: the copy is not signed as if it were the original", async () => {
    const place = await signedOnce();
    const copy = { ...makePlace(), clock: place.clock };
    copyFileSync(place.database, copy.database);
    const other = `${copy.keyFile}.other`;
    createKeyFile(other, { name: "staging" });
    const { store, trail } = await openSealed(copy);
    const sealing = openSealing({
      store,
      record: trail.record,
      keys: openKeyFile(other).keys,
      guard: `${other}.guard`,
      intervalMs: 0,
    });
    expect((await sealing.checkpointNow()).refused.map(({ code }) => code)).toEqual(["GUARD_MISSING", "GUARD_MISSING"]);
  });
});
