import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { openNodeSqlite } from "../../src/stores/sqlite/index.ts";
import { clerk, openShop, orderNumbers, readShop } from "../guarantees/shop.ts";
import { runProgram } from "./child.ts";
import { hasCommand, mountSmallDisk } from "./machine.ts";
import { skipHere } from "./skip-here.ts";

const order = (number: number) => ({ actor: clerk, data: { number }, message: "x".repeat(2_000) });

async function expectNothingLost(file: string, spool: string, lines: readonly string[]): Promise<void> {
  await (await openShop(file, { spool: { directory: spool } })).close();
  const acknowledged = lines
    .filter((line) => /^\d+ (stored|spooled)$/.test(line))
    .map((line) => Number.parseInt(line, 10));
  const kept = orderNumbers(await readShop(file), "order.placed");
  expect(kept).toEqual(acknowledged);
}

test("on a disk that fills up, events go to the spool, and to their places when there is space again", async ({
  skip,
}) => {
  const disk = mountSmallDisk(4 * 1024 * 1024);
  if (disk === undefined) return skipHere(skip, "mounting a small file system takes root");
  const file = join(disk, "shop.db");
  const spool = temporaryDirectory();
  const ballast = join(disk, "ballast");
  const trail = await openShop(file, { spool: { directory: spool } });
  writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
  const receipts = [];
  for (let number = 0; number < 400; number += 1) receipts.push(await trail.record("order.placed", order(number)));
  expect(receipts[0]!.seq).toBe(0);
  expect(trail.health()).toMatchObject({ state: "degraded", refused: 0, lastError: { code: "STORE_FULL" } });
  rmSync(ballast);
  await expect.poll(() => trail.health().spooled, { timeout: 15_000 }).toBe(0);
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual(
    Array.from({ length: 400 }, (_, number) => number),
  );
});

test("when the spool's disk is full too, recording rejects, and what was acknowledged is kept", async ({ skip }) => {
  const disk = mountSmallDisk(2 * 1024 * 1024);
  if (disk === undefined) return skipHere(skip, "mounting a small file system takes root");
  const file = join(disk, "shop.db");
  const spool = join(disk, "spool");
  const trail = await openShop(file, { spool: { directory: spool } });
  writeFileSync(join(disk, "ballast"), Buffer.alloc(1024 * 1024));
  const outcomes: string[] = [];
  for (let number = 0; number < 600; number += 1) {
    const outcome = await trail.record("order.placed", order(number)).then(
      () => "stored",
      (error: { code: string }) => error.code,
    );
    outcomes.push(`${number} ${outcome}`);
  }
  expect(outcomes.at(-1)).toMatch(/SPOOL_FAILED$/);
  expect(outcomes.every((line) => /stored$|SPOOL_FAILED$/.test(line))).toBe(true);
  rmSync(join(disk, "ballast"));
  await trail.close();
  await expectNothingLost(file, spool, outcomes);
});

test("a file that may not grow any more sends events to the spool", async ({ skip }) => {
  if (!hasCommand("prlimit")) return skipHere(skip, "prlimit is missing");
  const directory = temporaryDirectory();
  const [file, spool] = [join(directory, "shop.db"), join(directory, "spool")];
  const program = runProgram("record-with-spool", [file, spool, "0", "300"], {
    under: ["prlimit", "--fsize=400000"],
    env: { CREATE: "1" },
  });
  expect(await program.ended).toMatchObject({ errors: "" });
  const lines = program.lines();
  expect(lines).toContain("0 stored");
  expect(lines.some((line) => line.endsWith("spooled"))).toBe(true);
  expect(lines.at(-1)).toMatch(/health (STORE_FAILED|STORE_FULL|SPOOL_FAILED)/);
  await expectNothingLost(file, spool, lines);
});

test("a database at its largest allowed size is full, and works again when it may grow", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  let maxPages = 1_000_000;
  const connections: ReturnType<typeof openNodeSqlite>[] = [];
  const trail = await openShop(file, {
    spool: { directory: temporaryDirectory() },
    sqlite: {
      openConnection: (path, options) => (
        connections.push(openNodeSqlite(path, options)),
        connections.at(-1)!.exec(`PRAGMA max_page_count = ${maxPages}`),
        connections.at(-1)!
      ),
    },
  });
  await trail.record("order.placed", order(0));
  for (const connection of connections) connection.exec("PRAGMA max_page_count = 1");
  maxPages = 1;
  for (const number of [1, 2, 3, 4, 5, 6]) await trail.record("order.placed", order(number));
  expect(trail.health()).toMatchObject({ lastError: { code: "STORE_FULL" } });
  expect(trail.health().spooled).toBeGreaterThan(0);
  for (const connection of connections) connection.exec("PRAGMA max_page_count = 1000000");
  await expect.poll(() => trail.health().spooled, { timeout: 10_000 }).toBe(0);
  await trail.close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
