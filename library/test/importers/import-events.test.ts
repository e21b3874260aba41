import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import fc from "fast-check";
import { expect, test } from "vitest";

import { AuditError } from "../../src/base/errors.ts";
import { defineCatalogue } from "../../src/event/catalogue.ts";
import { importEvents, type ImportOptions, type ImportTrail } from "../../src/importers/import-events.ts";
import { openFileSource, openStreamSource } from "../../src/importers/import-source.ts";
import { openImportState } from "../../src/importers/import-state.ts";
import type { ImportSummary, MalformedRecord } from "../../src/importers/import-summary.ts";
import { createJsonlImporter } from "../../src/importers/jsonl/jsonl-importer.ts";
import { createMapping } from "../../src/importers/mapping.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { checkTrails } from "../../src/testing/check-trails.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { shopLine, shopLines, shopMapping, shopMappingFile } from "./shop-mapping.ts";

const importer = createJsonlImporter(shopMapping);

async function openShop() {
  const store = openMemoryStore();
  const trail = await openTrail({ catalogue: defineCatalogue(...importer.logs), store });
  const ids = async () => {
    const found: string[] = [];
    for await (const { event } of trail.entries("", { order: { by: "seq", direction: "oldest" } }))
      found.push(event.id);
    return found;
  };
  return {
    trail: trail as unknown as ImportTrail,
    store,
    ids,
    count: async () => (await trail.count(""))[0]?.count ?? 0,
    asking: trail,
  };
}

async function* chunksOf(bytes: Uint8Array, size = 65_536): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function importText(text: string | Uint8Array, options: Partial<ImportOptions>, size?: number): Promise<ImportSummary> {
  const source = openStreamSource("text", chunksOf(Buffer.from(text as string), size));
  return importEvents({ importer, source, ...options });
}

test("every record becomes an event, with the original beside it, and says that it was imported", async () => {
  const { trail, store, asking } = await openShop();
  const summary = await importText(shopLines(0, 3), { trail });
  expect(summary).toMatchObject({
    ...{
      source: "text",
      importer: "jsonl",
      unit: "line",
      read: 3,
      recorded: 3,
      alreadyThere: 0,
      malformed: 0,
      conflicts: 0,
    },
    ...{ from: "2026-01-01T00:00:00.000000Z", until: "2026-01-01T00:00:02.000000Z", passedBy: {}, notes: [] },
  });
  const { entries } = await asking.query("log:shop", { order: { direction: "oldest" } });
  expect(entries[1]!.event).toMatchObject({
    ...{ action: "shop.order.placed", occurredAt: "2026-01-01T00:00:01.000000Z", context: { source: "import" } },
    ...{
      actor: { type: "user", id: "u1" },
      targets: [{ type: "order", id: "1" }],
      data: { original: JSON.parse(shopLine(1)) as object },
    },
  });
  expect(entries[1]!.event.id.slice(0, 13)).toBe(
    Date.UTC(2026, 0, 1, 0, 0, 1)
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-"),
  );
  await checkTrails(store as never);
});

test("importing twice is importing once, and in two parts is importing whole", async () => {
  // Few different lines, so that there are many repeated ones.
  const lines = fc.array(fc.integer({ min: 0, max: 5 }).map(shopLine), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(), fc.integer({ min: 1, max: 50 }), async (given, cut, maxInFlight) => {
      const text = given.map((line) => `${line}\n`).join("");
      const whole = await openShop();
      const first = await importText(text, { trail: whole.trail, maxInFlight });
      expect(first).toMatchObject({ recorded: given.length, alreadyThere: 0 });
      const again = await importText(text, { trail: whole.trail, maxInFlight }, 7);
      expect(again).toMatchObject({ recorded: 0, alreadyThere: given.length, conflicts: 0 });
      expect(await whole.count()).toBe(given.length);
      const parts = await openShop();
      await importText(
        given
          .slice(0, cut % (given.length + 1))
          .map((line) => `${line}\n`)
          .join(""),
        { trail: parts.trail },
      );
      const rest = await importText(text, { trail: parts.trail });
      expect(rest.recorded).toBe(given.length - (cut % (given.length + 1)));
      expect(await parts.ids()).toEqual(await whole.ids());
    }),
    { numRuns: 25 },
  );
});

test("two importers of the same bytes at the same time add them once", async () => {
  const { trail, count, store } = await openShop();
  const text = shopLines(0, 1500);
  const [one, other] = await Promise.all([importText(text, { trail }), importText(text, { trail })]);
  expect(one.recorded + one.alreadyThere + other.recorded + other.alreadyThere).toBe(3000);
  expect(await count()).toBe(1500);
  await checkTrails(store as never);
});

test("what identifies a record in its source is its identity: the same id with other content is a conflict", async () => {
  const mapping = createMapping(JSON.stringify({ ...shopMappingFile, id: "{n}" }), "m");
  const { trail, count } = await openShop();
  const run = (text: string) => importText(text, { trail, importer: createJsonlImporter(mapping) });
  expect(await run(`${shopLine(1)}\n${shopLine(1)}\n`)).toMatchObject({ recorded: 1, alreadyThere: 1 });
  const changed = shopLine(1).replace('"u1"', '"u2"');
  const summary = await run(`${changed}\n${shopLine(2)}\n`);
  expect(summary).toMatchObject({ recorded: 1, conflicts: 1, conflictingRecords: [{ number: 1, unit: "line" }] });
  expect(await count()).toBe(2);
});

test("malformed records are counted, listed by line and handed over, and the rest is imported", async () => {
  const { trail, count } = await openShop();
  const rejected: MalformedRecord[] = [];
  const bytes = Buffer.concat([
    Buffer.from(`${shopLine(0)}\n{"at":\n\n[1]\n${shopLine(1).replace("2026", "2O26")}\n`),
    Buffer.from('{"at":"2026-01-01T00:00:00Z","what":"no good name!"}\n'),
    Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
    Buffer.from(`{"what":"\0"}\n${"x".repeat(1_100_000)}\r\n${shopLine(2)}\r\n`),
  ]);
  const summary = await importText(bytes, { trail, onMalformed: (record) => void rejected.push(record) });
  expect(summary).toMatchObject({ read: 9, recorded: 2, malformed: 7 });
  expect(summary.malformedRecords.map(({ number, reason }) => [number, reason.slice(0, 30)])).toEqual([
    [2, expect.stringContaining("not JSON")],
    [4, "not a JSON object"],
    [5, expect.stringContaining("its time")],
    [6, expect.stringContaining("its action")],
    [7, "the line is not UTF-8"],
    [8, expect.stringContaining("not JSON")],
    [9, "the line is too long"],
  ]);
  expect(rejected).toEqual(summary.malformedRecords);
  expect(rejected.every(({ excerpt }) => excerpt.length <= 201)).toBe(true);
  expect(await count()).toBe(2);
});

test("however much is malformed, the list stays short and the count right", async () => {
  const { trail } = await openShop();
  const summary = await importText(`${shopLine(0)}\n${"{}\n".repeat(5000)}`, { trail });
  expect(summary.malformed).toBe(5000);
  expect(summary.malformedRecords).toHaveLength(100);
});

test("a source of which the first thousand records are all malformed is not what it was said to be", async () => {
  const { trail } = await openShop();
  await expect(importText("what is this?\n".repeat(1_000_000), { trail })).rejects.toMatchObject({
    code: "IMPORT_INVALID",
    message: expect.stringContaining("not the format") as string,
    details: { summary: { malformed: 1000 } },
  });
});

test("nothing at all is imported from nothing", async () => {
  const { trail } = await openShop();
  expect(await importText("", { trail })).toMatchObject({ read: 0, recorded: 0, malformed: 0 });
});

test("gzip that is cut off gives what can be read, and says that it was not all", async () => {
  const { trail, count } = await openShop();
  const whole = gzipSync(shopLines(0, 6000));
  await expect(importText(whole.subarray(0, whole.length / 2), { trail })).rejects.toMatchObject({
    code: "IMPORT_INVALID",
    message: expect.stringMatching(/gzip.*records were read/s) as string,
  });
  expect(await count()).toBeGreaterThan(100);
  expect(await importText(whole, { trail })).toMatchObject({ read: 6000, malformed: 0 });
  expect(await count()).toBe(6000);
});

test("a dry run maps and counts everything and records nothing", async () => {
  const { trail, count } = await openShop();
  const text = `${shopLines(0, 10)}{}\n`;
  const summary = await importText(text, { trail, dryRun: true });
  expect(summary).toMatchObject({ dryRun: true, read: 11, recorded: 10, malformed: 1 });
  expect(summary.samples).toHaveLength(3);
  expect(summary.samples[0]).toMatchObject({
    number: 1,
    action: "shop.order.placed",
    occurredAt: "2026-01-01T00:00:00.000000Z",
  });
  expect(await count()).toBe(0);
  expect(await importText(text, { dryRun: true })).toMatchObject({ recorded: 10 });
});

test("stopped by a signal, it says how far it came, and the next run does the rest", async () => {
  const { trail, count } = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 6000));
  const state = await openImportState(`${file}-imports`);
  const stop = new AbortController();
  let seen = 0;
  const stopping: ImportTrail = {
    ...trail,
    record(action, fields) {
      seen += 1;
      if (seen === 2500) stop.abort();
      return trail.record(action, fields);
    },
  };
  await expect(
    importEvents({ importer, source: await openFileSource(file), trail: stopping, state, signal: stop.signal }),
  ).rejects.toMatchObject({
    code: "IMPORT_INTERRUPTED",
    message: expect.stringContaining("Run it again") as string,
    details: { summary: { recorded: 2500 } },
  });
  expect(await count()).toBe(2500);
  const summary = await importEvents({ importer, source: await openFileSource(file), trail, state });
  expect(summary).toMatchObject({ earlier: { records: 2500 }, read: 3500, recorded: 3500, alreadyThere: 0 });
  expect(await count()).toBe(6000);
});

test("a trail that fails stops the import; nothing behind the failure counts as done", async () => {
  const { trail, count } = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 5000));
  const state = await openImportState(`${file}-imports`);
  let seen = 0;
  const failing: ImportTrail = {
    ...trail,
    record(action, fields) {
      seen += 1;
      return seen === 1500
        ? Promise.reject(new AuditError("STORE_FULL", "The disk is full."))
        : trail.record(action, fields);
    },
  };
  await expect(
    importEvents({ importer, source: await openFileSource(file), trail: failing, state }),
  ).rejects.toMatchObject({
    code: "IMPORT_INTERRUPTED",
    cause: { code: "STORE_FULL" },
    details: { summary: { recorded: 1499 } },
  });
  const summary = await importEvents({ importer, source: await openFileSource(file), trail, state });
  expect(summary.earlier.records).toBe(1499);
  expect(summary.recorded + summary.alreadyThere).toBe(3501);
  expect(await count()).toBe(5000);
});

test("a catalogue without the log takes none of the records, and says so of each", async () => {
  const trail = await openTrail({ catalogue: defineCatalogue(), store: openMemoryStore() });
  const summary = await importText(shopLines(0, 3), { trail: trail as unknown as ImportTrail });
  expect(summary).toMatchObject({ recorded: 0, malformed: 3 });
  expect(summary.malformedRecords[0]!.reason).toContain("the catalogue has no such action");
});

test("options that cannot work are refused", async () => {
  await expect(importText("", {})).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(importText("", { dryRun: true, maxInFlight: 0 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  await expect(importText("", { tral: 1 } as never)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
});

test("files that cannot be read are said by their name", async () => {
  const directory = temporaryDirectory();
  await expect(openFileSource(join(directory, "missing"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  await expect(openFileSource(directory)).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: expect.stringContaining("directory") as string,
  });
});

async function importFile(
  file: string,
  trail: ImportTrail,
  overrides: Partial<ImportOptions> = {},
): Promise<ImportSummary> {
  return importEvents({
    importer,
    source: await openFileSource(file),
    trail,
    state: await openImportState(`${file}-imports`),
    ...overrides,
  });
}

test("a file that is done is not read again; one that grew is read on", async () => {
  const { trail, count } = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  // A record at the end that has come once before: its number among its likes must not depend on the run.
  await writeFile(file, shopLines(0, 100));
  expect(await importFile(file, trail)).toMatchObject({ read: 100, recorded: 100, earlier: { records: 0 } });
  expect(await importFile(file, trail)).toMatchObject({ read: 0, recorded: 0, earlier: { records: 100 } });
  await appendFile(file, `${shopLine(99)}\n${shopLines(100, 150)}`);
  expect(await importFile(file, trail)).toMatchObject({
    read: 51,
    recorded: 51,
    alreadyThere: 0,
    earlier: { records: 100 },
  });
  expect(await count()).toBe(151);
  // And without any memory of it, it is the same.
  const source = await openFileSource(file);
  expect(await importEvents({ importer, source, trail })).toMatchObject({ recorded: 0, alreadyThere: 151 });
});

test("a last line that was not finished yet is read again when it is", async () => {
  const { trail, count } = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 10) + shopLine(10).slice(0, 20));
  expect(await importFile(file, trail)).toMatchObject({ recorded: 10, malformed: 1 });
  await appendFile(file, `${shopLine(10).slice(20)}\n`);
  expect(await importFile(file, trail)).toMatchObject({ recorded: 1, malformed: 0, earlier: { records: 10 } });
  expect(await count()).toBe(11);
});

test("what was remembered does not count for a changed file, mapping or trail", async () => {
  const one = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 100));
  await importFile(file, one.trail);
  await writeFile(file, shopLines(0, 50) + shopLines(1050, 1120));
  expect(await importFile(file, one.trail)).toMatchObject({ earlier: { records: 0 }, recorded: 70, alreadyThere: 50 });
  const mapping = createMapping(JSON.stringify({ ...shopMappingFile, message: "hello" }), "m");
  expect(await importFile(file, one.trail, { importer: createJsonlImporter(mapping) })).toMatchObject({
    earlier: { records: 0 },
    conflicts: 120,
  });
  const other = await openShop();
  expect(await importFile(file, other.trail)).toMatchObject({ earlier: { records: 0 }, recorded: 120 });
});

test("a trail that was put back to an older state gets everything again", async () => {
  const store = openMemoryStore();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 100));
  const trail = (await openTrail({ catalogue: defineCatalogue(...importer.logs), store })) as unknown as ImportTrail;
  await importFile(file, trail);
  // The same origin with fewer entries, as after a restored backup.
  const older = await openShop();
  await importText(shopLines(0, 40), { trail: older.trail });
  expect(await importFile(file, older.trail)).toMatchObject({
    earlier: { records: 0 },
    recorded: 60,
    alreadyThere: 40,
  });
});

test("a state file that is something else is not written over", async () => {
  const { trail } = await openShop();
  const file = join(temporaryDirectory(), "shop.jsonl");
  await writeFile(file, shopLines(0, 3));
  await writeFile(`${file}-imports`, "precious");
  await expect(importFile(file, trail)).rejects.toMatchObject({ code: "IMPORT_INVALID" });
  expect(await readFile(`${file}-imports`, "utf8")).toBe("precious");
});

test("secrets in the original are masked like everywhere else", async () => {
  const { trail, store } = await openShop();
  const line = JSON.stringify({
    at: "2026-01-01T00:00:00Z",
    what: "x",
    who: "u",
    n: 1,
    password: "hunter2-canary",
    note: "Bearer abcdefghijklmnop.canary.xyz",
  });
  await importText(`${line}\n`, { trail });
  const [entry] = await store.read("default", 0, 1);
  const everything = entry!.text + entry!.sealed.map(({ bytes }) => Buffer.from(bytes).toString()).join("");
  expect(everything).not.toContain("canary");
});
