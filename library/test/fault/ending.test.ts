import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { openShop, orderNumbers, readShop } from "../guarantees/shop.ts";
import { runProgram } from "./child.ts";

const count = 200;
const all = Array.from({ length: count }, (_, number) => number);

function places() {
  const directory = temporaryDirectory();
  return { file: join(directory, "shop.db"), spool: join(directory, "spool") };
}

/** What the trail holds after the next process has opened it. */
async function afterNextOpening(file: string, spool: string) {
  await (await openShop(file, { spool: { directory: spool } })).close();
  expect(readdirSync(spool)).toEqual([]);
  const entries = await readShop(file);
  return {
    entries,
    viewed: orderNumbers(entries, "order.viewed"),
    gaps: entries.filter(({ event }) => event.action === "auditrail.gap"),
  };
}

test.for([
  ["SIGTERM", "signal"],
  ["SIGINT", "signal"],
  ["SIGHUP", "signal"],
  ["SIGTERM", "two-trails-signal"],
] as const)("%s flushes buffered events and then ends the process as it would have (%s)", async ([signal, ending]) => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), ending]);
  await program.line("accepted");
  program.child.kill(signal);
  expect(await program.ended).toMatchObject({ signal });
  const { viewed, gaps } = await afterNextOpening(file, spool);
  expect(viewed).toEqual(all);
  expect(gaps).toEqual([]);
});

test("a signal that the application handles itself is left to it", async () => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), "own-handler"]);
  await program.line("accepted");
  program.child.kill("SIGTERM");
  expect(await program.ended).toMatchObject({ code: 5, signal: null });
  expect((await afterNextOpening(file, spool)).viewed).toEqual(all);
});

test("what a signal's flush does not get done in time is saved to the spool", async () => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), "signal", "held"]);
  await program.line("accepted");
  program.child.kill("SIGTERM");
  expect(await program.ended).toMatchObject({ signal: "SIGTERM" });
  expect((await afterNextOpening(file, spool)).viewed).toEqual(all);
});

test.for([
  ["exit", "working", 3],
  ["exit", "held", 3],
  ["throw", "working", 1],
  ["throw", "held", 1],
  ["reject", "held", 1],
  ["return", "working", 0],
  ["exit", "failing", 3],
] as const)("nothing is lost when the process ends by %s, with a store that is %s", async ([ending, store, code]) => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), ending, store]);
  expect(await program.ended).toMatchObject({ code });
  const { viewed, gaps } = await afterNextOpening(file, spool);
  expect(viewed).toEqual(all);
  expect(gaps).toEqual([]);
});

test("without a spool a signal still flushes", async () => {
  const { file } = places();
  const program = runProgram("record-buffered", [file, "none", String(count), "signal"]);
  await program.line("accepted");
  program.child.kill("SIGTERM");
  await program.ended;
  expect(orderNumbers(await readShop(file), "order.viewed")).toEqual(all);
});

test("a process that is killed takes its buffered events along, and the next one tells exactly how many", async () => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), "killed", "held"]);
  await program.line("accepted");
  program.child.kill("SIGKILL");
  await program.ended;
  const { entries, gaps } = await afterNextOpening(file, spool);
  expect(entries).toHaveLength(1);
  expect(gaps[0]!.event).toMatchObject({
    actor: { type: "system", id: "auditrail" },
    data: { count, cause: "crash" },
    severity: "critical",
  });
  await (await openShop(file, { spool: { directory: spool } })).close();
  expect(await readShop(file)).toHaveLength(1);
});

test("what a killed process had in the store or the spool is not counted as lost", async () => {
  const { file, spool } = places();
  for (const store of ["working", "failing"]) {
    const program = runProgram("record-buffered", [file, spool, String(count), "killed", store]);
    await program.line("accepted");
    await new Promise((resolve) => setTimeout(resolve, 400));
    program.child.kill("SIGKILL");
    await program.ended;
  }
  expect(existsSync(spool)).toBe(true);
  const { viewed, gaps } = await afterNextOpening(file, spool);
  expect(gaps).toEqual([]);
  expect(viewed).toEqual([...all, ...all]);
});

test("two processes that take up the same crash at once tell of it once", async () => {
  const { file, spool } = places();
  const program = runProgram("record-buffered", [file, spool, String(count), "killed", "held"]);
  await program.line("accepted");
  program.child.kill("SIGKILL");
  await program.ended;
  const openings = await Promise.all(Array.from({ length: 4 }, () => openShop(file, { spool: { directory: spool } })));
  for (const trail of openings) await trail.close();
  const entries = await readShop(file);
  expect(entries.map(({ event }) => event.data!["count"])).toEqual([count]);
});
