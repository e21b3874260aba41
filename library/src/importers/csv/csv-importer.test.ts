import fc from "fast-check";
import { expect, test } from "vitest";

import type { SourceRecord } from "../importer.ts";
import { createMapping } from "../mapping.ts";
import { createCsvImporter } from "./csv-importer.ts";

async function read(text: string, csv: object = {}, size = 65_536): Promise<readonly SourceRecord[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
  const mapping = createMapping(
    JSON.stringify({ log: "shop", action: "x", occurredAt: { value: "2026-01-01T00:00:00Z" }, csv }),
    "m",
  );
  const records: SourceRecord[] = [];
  for await (const batch of createCsvImporter(mapping).records(chunks(), { note: () => undefined }))
    records.push(...batch);
  return records;
}

/** The record as it was, or why it is none. */
const originals = (records: readonly SourceRecord[]) =>
  records.map((record) => {
    const reading = record.read();
    return "event" in reading
      ? (reading.event.fields.data as { original: unknown }).original
      : (reading as { malformed: string }).malformed;
  });

test("the first record names the columns", async () => {
  const records = await read('id,"full name",note\r\n1,Ann,"says ""hi"", twice"\r\n\r\n2,Bob,\r\n');
  expect(originals(records)).toEqual([
    { id: "1", "full name": "Ann", note: 'says "hi", twice' },
    { id: "2", "full name": "Bob", note: "" },
  ]);
  expect(records.map(({ number }) => number)).toEqual([2, 4]);
});

test("a quoted field may have lines in it", async () => {
  for (const size of [1, 4, 1000]) {
    const records = await read('a,b\n1,"one\ntwo\n\nfour"\n2,x\n', {}, size);
    expect(originals(records)).toEqual([
      { a: "1", b: "one\ntwo\n\nfour" },
      { a: "2", b: "x" },
    ]);
    expect(records.map(({ number }) => number)).toEqual([2, 6]);
  }
});

test("columns, delimiter and quote can be told", async () => {
  expect(originals(await read("1;'a;b'\n", { columns: ["n", "text"], delimiter: ";", quote: "'" }))).toEqual([
    { n: "1", text: "a;b" },
  ]);
  expect(originals(await read("1\tx\n", { columns: ["n", "text"], delimiter: "\t" }))).toEqual([{ n: "1", text: "x" }]);
});

test("what one writes comes back", async () => {
  const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é") });
  const rows = fc.array(fc.tuple(fc.constant("x"), field, field));
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 20 }), async (given, size) => {
      const text = given.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")).join("\n");
      const records = await read(text, { columns: ["a", "b", "c"] }, size);
      expect(originals(records)).toEqual(given.map(([a, b, c]) => ({ a, b, c })));
    }),
  );
});

test("a quote that is never closed costs its own line", async () => {
  const records = await read('a,b\n1,ok\n2,"broken\n3,ok\n4,"fine"\n5,ok\n');
  expect(originals(records)).toEqual([
    { a: "1", b: "ok" },
    "a quoted field is never closed",
    { a: "3", b: "ok" },
    { a: "4", b: "fine" },
    { a: "5", b: "ok" },
  ]);
  expect(records.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6]);
});

test("records that are broken or of another width are malformed, and told by their line", async () => {
  const records = await read('a,b\n1\n2,x,y\n3,"bro"ken\n4,un"quoted"\n5,ok\n');
  expect(originals(records)).toEqual([
    "it has 1 fields, expected 2",
    "it has 3 fields, expected 2",
    "field 2 goes on after its closing quote",
    "field 2 has a quote in the middle, and is not quoted itself",
    { a: "5", b: "ok" },
  ]);
});

test("a header that cannot name columns is an error", async () => {
  await expect(read("a,b,a\n1,2,3\n")).rejects.toMatchObject({
    code: "IMPORT_INVALID",
    message: expect.stringContaining('"a" twice') as string,
  });
});

test.each(["", "\n\n", "a,b\n"])("%j has no records", async (text) => {
  expect(await read(text)).toEqual([]);
});
