import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { clerk, openShop, openShopTrail, orderNumbers, readShop } from "../guarantees/shop.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { runProgram, type RunOptions } from "./child.ts";
import { ordinaryUser } from "./machine.ts";

const order = (number: number) => ({ actor: clerk, data: { number } });

/** A directory with a trail in it, and a spool directory, both of an ordinary user: permissions do not bind root. */
async function ordinaryPlaces(run: RunOptions) {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const places = { data: join(directory, "data"), spool: join(directory, "spool") };
  for (const place of Object.values(places)) mkdirSync(place);
  const file = join(places.data, "shop.db");
  await (await openShop(file)).close();
  const { uid } = run;
  if (uid !== undefined) for (const path of [places.data, places.spool, file]) chownSync(path, uid, uid);
  return { ...places, file };
}

function makeWritable(data: string, file: string): void {
  chmodSync(data, 0o777);
  for (const path of readdirSync(data)) chmodSync(join(data, path), 0o666);
  if (existsSync(file)) chmodSync(file, 0o666);
}

test.for([
  ["a read-only file", (_data: string, file: string) => chmodSync(file, 0o444)],
  ["a read-only directory", (data: string) => chmodSync(data, 0o555)],
] as const)("%s refuses or spools, clearly, and loses nothing", async ([, protect], { skip }) => {
  const run = ordinaryUser();
  if (run === undefined) return skip("nobody may read this repository");
  const { data, spool, file } = await ordinaryPlaces(run);
  protect(data, file);
  const program = runProgram("record-with-spool", [file, spool, "0", "3"], run);
  await program.ended;
  const lines = program.lines();
  const refused = lines.some((line) => line === "refused STORE_READ_ONLY");
  if (!refused) expect(lines).toEqual(["open", "0 spooled", "1 spooled", "2 spooled", "health STORE_READ_ONLY"]);
  makeWritable(data, file);
  for (const path of readdirSync(spool)) chmodSync(join(spool, path), 0o666);
  await (await openShop(file, { spool: { directory: spool } })).close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual(refused ? [] : [0, 1, 2]);
});

test("a directory that turns read-only while events are recorded loses nothing", async ({ skip }) => {
  const run = ordinaryUser();
  if (run === undefined) return skip("nobody may read this repository");
  const { data, spool, file } = await ordinaryPlaces(run);
  const program = runProgram("record-with-spool", [file, spool, "0", "150"], run);
  await program.line("5 ");
  chmodSync(data, 0o555);
  chmodSync(file, 0o444);
  await program.ended;
  expect(program.lines().filter((line) => /^\d+ (stored|spooled)$/.test(line))).toHaveLength(150);
  makeWritable(data, file);
  await (await openShop(file, { spool: { directory: spool } })).close();
  expect(orderNumbers(await readShop(file), "order.placed")).toEqual(
    Array.from({ length: 150 }, (_, number) => number),
  );
});

test("a spool directory that may not be written is found out when the trail is opened", async ({ skip }) => {
  const run = ordinaryUser();
  if (run === undefined) return skip("nobody may read this repository");
  const { spool, file } = await ordinaryPlaces(run);
  chmodSync(spool, 0o555);
  const program = runProgram("record-with-spool", [file, spool, "0", "1"], run);
  await program.ended;
  expect(program.lines()).toEqual(["refused SPOOL_FAILED"]);
});

test("a store opened for reading answers questions and refuses to record", async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const writer = await openShop(file);
  await writer.record("order.placed", order(1));
  for (const threads of [true, false]) {
    const trail = await openShopTrail(await openSqliteStore({ file, readOnly: true, threads }));
    expect((await trail.query("")).entries).toHaveLength(1);
    await expect(trail.record("order.placed", order(2))).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    expect((await trail.query("")).entries).toHaveLength(1);
    await trail.close();
  }
  await writer.close();
});
