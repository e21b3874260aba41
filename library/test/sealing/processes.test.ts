import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, onTestFinished, test } from "vitest";

import { makePlace, openSealed, type Place } from "./sealed-store.ts";

const anchor = "auditrail.anchor";
const program = join(import.meta.dirname, "sealing-process.ts");

function start({ directory }: Place, ...what: string[]) {
  const child = spawn(process.execPath, [program, directory, ...what], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    stdout,
  }));
  return { child, ended };
}

/** What the guard holds, read behind its back. */
function readGuard({ guard }: Place): { tenant: string; note: string; published: number }[] {
  const connection = new DatabaseSync(guard, { readOnly: true });
  try {
    return connection.prepare("SELECT tenant, note, published FROM guard ORDER BY tenant").all() as never;
  } finally {
    connection.close();
  }
}

async function placeWithStore(): Promise<Place> {
  const place = makePlace();
  const { close } = await openSealed(place);
  await close();
  return place;
}

describe("a process that is killed", () => {
  test.each(["before-store", "before-anchor", "before-publish"])(
    "%s: the note in the guard is published by the next one",
    async (where) => {
      const place = await placeWithStore();
      expect((await start(place, "die", where).ended).signal).toBe("SIGKILL");
      const left = readGuard(place);
      expect(left.filter(({ published }) => published === 0)).toHaveLength(1);

      const { sealing, verifyOutside, sell } = await openSealed(place);
      await verifyOutside();
      await sell(1, "other");
      expect(await sealing.checkpointNow()).toMatchObject({ state: "ok", refused: [] });
      const found = await verifyOutside();
      for (const { tenant, note } of left) expect(found[tenant]!.map((each) => each.note)).toContain(note);
      expect(readGuard(place).every(({ published }) => published === 1)).toBe(true);
      expect(
        found["default"]!.every(({ note }) => note === found["default"]![0]!.note),
        "never two notes about one size",
      ).toBe(true);
    },
  );

  test("holds no lock any more", async () => {
    const place = await placeWithStore();
    const holder = start(place, "hold");
    await once(holder.child.stdout, "data");
    const { sealing, sell, verifyOutside } = await openSealed(place, { guardTimeoutMs: 100 });
    await sell(1);
    await expect(sealing.checkpointNow()).rejects.toMatchObject({ code: "GUARD_LOCKED", retry: true });
    expect(sealing.status()).toMatchObject({ state: "failing", failure: { code: "GUARD_LOCKED" } });
    expect((await verifyOutside())["default"]).toEqual([]);
    holder.child.kill("SIGKILL");
    await holder.ended;
    expect(await sealing.checkpointNow()).toMatchObject({ state: "ok" });
    await verifyOutside();
  });
});

test("a process that has nothing else to do is not kept alive by sealing", async () => {
  const place = await placeWithStore();
  const { ended } = start(place, "leave");
  expect(await ended).toMatchObject({ code: 0, signal: null });
});

describe("two processes on one store", () => {
  test("sign one after the other, and never two histories", async () => {
    const place = await placeWithStore();
    const ended = await Promise.all([start(place, "rounds", "12").ended, start(place, "rounds", "12").ended]);
    for (const { code, stdout } of ended) {
      expect(code).toBe(0);
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { state: string }).state),
      ).toEqual(Array.from({ length: 12 }, () => "ok"));
    }
    const { verifyOutside } = await openSealed(place);
    const found = await verifyOutside();
    expect(found["default"]!.at(-1)!.size).toBe(24);
    for (const tenant of ["default", anchor]) {
      const sizes = found[tenant]!.map(({ size }) => size);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    }
  });

  test("in one process take turns as well", async () => {
    const place = makePlace();
    const one = await openSealed(place);
    const two = await openSealed(place);
    await one.sell(5);
    const states = await Promise.all([one, two, one, two].map(({ sealing }) => sealing.checkpointNow()));
    expect(states.map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok"]);
    const found = await one.verifyOutside();
    expect(found["default"]).toHaveLength(1);
  });

  test("leave alone, at their interval, what the other has just signed", async () => {
    const place = makePlace();
    const options = { intervalMs: 30, idleIntervalMs: 100_000 };
    const [one, two] = [await openSealed(place, options), await openSealed(place, options)];
    await one.sell(1);
    // The clock stands still: nothing becomes due, whoever looks.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await one.sell(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await one.verifyOutside())["default"]!.map(({ size }) => size)).toEqual([1]);
    place.clock.advance(30);
    await expect.poll(async () => (await two.verifyOutside())["default"]!.map(({ size }) => size)).toEqual([1, 2]);
  });
});
