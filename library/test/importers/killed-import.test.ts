import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect, test } from "vitest";

import { openCatalogue } from "../../src/event/catalogue.ts";
import type { ImportSummary } from "../../src/importers/import-summary.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { checkTrails } from "../../src/testing/check-trails.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { shopLine } from "./shop-mapping.ts";

const script = join(import.meta.dirname, "import-process.ts");

/** Runs an import; kills it with SIGKILL once it says that so many events are recorded. The summary, where it came to its end. */
async function run(args: readonly string[], killAt: number): Promise<ImportSummary | undefined> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line) >= killAt) child.kill("SIGKILL");
    last = line;
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  if (signal === "SIGKILL") return undefined;
  if (code !== 0) throw new Error(`the import failed: ${errors}`);
  return JSON.parse(last) as ImportSummary;
}

/** Many lines come several times over: two in a row, and again much later. */
function linesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => shopLine(index % 3 === 0 ? Math.floor(index / 6) : index));
}

test.each(["with", "without"])(
  "an import that is killed again and again records every line exactly once, %s a state",
  async (how) => {
    const directory = temporaryDirectory();
    const [database, source, state] = ["trail.db", "shop.jsonl", "imports"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    const lines = linesOf(6000);
    writeFileSync(source, lines.map((line) => `${line}\n`).join(""));
    const args = how === "with" ? [database, source, state] : [database, source];
    let kills = 0;
    for (const killAt of [1, 500, 1500]) if ((await run(args, killAt)) === undefined) kills += 1;
    expect(kills).toBeGreaterThan(0);
    const summary = await run(args, Number.POSITIVE_INFINITY);
    expect(summary!.earlier.records + summary!.recorded + summary!.alreadyThere).toBe(lines.length);
    expect(await run(args, Number.POSITIVE_INFINITY)).toMatchObject({ recorded: 0 });
    await expectExactlyOnce(database, lines);
    if (how === "with")
      expect(JSON.parse(readFileSync(state, "utf8"))).toMatchObject({
        sources: [{ records: lines.length, finished: true }],
      });
  },
  120_000,
);

async function expectExactlyOnce(database: string, lines: readonly string[]): Promise<void> {
  const store = await openSqliteStore({ file: database, threads: false });
  await checkTrails(store as never);
  const trail = await openTrail({ catalogue: openCatalogue(), store });
  const found: string[] = [];
  for await (const { event } of trail.entries("", { order: { by: "seq", direction: "oldest" } })) {
    found.push(JSON.stringify(sortedMembers(event.data!["original"] as object)));
  }
  await trail.close();
  expect(found).toEqual(lines.map((line) => JSON.stringify(sortedMembers(JSON.parse(line) as object))));
}

function sortedMembers(object: object): readonly (readonly [string, unknown])[] {
  return Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
