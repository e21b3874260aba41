import fc from "fast-check";
import { expect, test } from "vitest";

import type { Piece } from "./document-splitter.ts";
import { splitRecords } from "./split-records.ts";

async function split(text: string | Uint8Array, sizes: readonly number[] = [65_536]): Promise<readonly Piece[]> {
  const bytes = Buffer.from(text as string);
  async function* chunks() {
    for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length]!;
      yield bytes.subarray(start, start + size);
      start += size;
    }
  }
  const pieces: Piece[] = [];
  for await (const batch of splitRecords(chunks())) pieces.push(...batch);
  return pieces;
}

const record = (number: number) => ({
  eventVersion: "1.08",
  eventID: `e${number}`,
  note: 'a "quote", a \\ and ]}',
  list: [{ deep: [number] }],
});
const three = [1, 2, 3].map(record);
const texts = (pieces: readonly Piece[]) =>
  pieces.map(({ problem, text }) => (problem === undefined ? (JSON.parse(text) as unknown) : problem));

test.each([
  ["a document", JSON.stringify({ Records: three })],
  ["a document with white space", JSON.stringify({ Records: three }, undefined, 2)],
  ["the output of lookup-events", JSON.stringify({ Events: three })],
  ["a bare array", JSON.stringify(three)],
  ["JSON Lines", three.map((each) => JSON.stringify(each)).join("\n")],
  [
    "JSON Lines with Windows line ends and gaps",
    `\r\n${three.map((each) => JSON.stringify(each)).join("\r\n\r\n")}\r\n`,
  ],
  [
    "documents in a row",
    `${JSON.stringify({ Records: three.slice(0, 1) })}\n${JSON.stringify({ Records: three.slice(1) })}\n`,
  ],
  [
    "documents in a row without anything between",
    JSON.stringify({ Records: three.slice(0, 2) }) + JSON.stringify({ Records: three.slice(2) }),
  ],
])("takes the records out of %s, however it is cut into chunks", async (_, text) => {
  for (const sizes of [[1], [2, 3], [7], [64], [1000]]) {
    const pieces = await split(text, sizes);
    expect(texts(pieces)).toEqual(three);
    expect(pieces.map(({ number }) => number)).toEqual([1, 2, 3]);
  }
});

test("any JSON objects come out as they went in", async () => {
  const objects = fc.array(
    fc.dictionary(fc.string(), fc.jsonValue()).map((object) => JSON.parse(JSON.stringify(object)) as object),
  );
  await fc.assert(
    fc.asyncProperty(objects, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (records, sizes) => {
      expect(texts(await split(JSON.stringify({ Records: records }), sizes))).toEqual(records);
    }),
  );
});

test.each(["", " \n ", '{"Records":[]}', "[]", '{"Records":[]}\n{"Records":[ ]}'])(
  "%j has no records",
  async (text) => {
    expect(await split(text)).toEqual([]);
  },
);

test("an empty file that ends in the middle says so", async () => {
  expect(await split('{"Records":[')).toMatchObject([{ problem: expect.stringContaining("ends before") as string }]);
});

test.each([
  ["a quote that is never closed", '{"eventVersion":"1.08","eventID":"e2,"x":{}}'],
  ["a bracket that is never closed", '{"eventVersion":"1.08","eventID":"e2","list":[{}'],
  ["a record that stops", '{"eventVersion":"1.08","event'],
])("%s costs its own record alone", async (_, broken) => {
  const [first, , third] = three.map((each) => JSON.stringify(each));
  for (const size of [5, 100, 10_000]) {
    const pieces = await split(`{"Records":[${first},${broken},${third}]}`, [size]);
    const found = texts(pieces).filter((each) => typeof each === "object");
    expect(found).toEqual([three[0], three[2]]);
    expect(pieces.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
  }
});

test("what is between records and is none is given as broken", async () => {
  const [first, second] = three.map((each) => JSON.stringify(each));
  const pieces = await split(`{"Records":[${first}, 17, null ,${second}]}`);
  expect(texts(pieces)).toEqual([three[0], "expected a record that begins with { here", three[1]]);
});

test("a record that is too large is passed over, and the rest is read", async () => {
  const [first, second] = three.map((each) => JSON.stringify(each));
  const large = JSON.stringify({ eventVersion: "1.08", padding: "x".repeat(3_000_000) });
  const pieces = await split(`{"Records":[${first},${large},${second}]}`);
  expect(texts(pieces)).toEqual([three[0], expect.stringContaining("longer than"), three[1]]);
  expect(pieces[1]!.text.length).toBeLessThanOrEqual(1000);
});

test("a document that is cut off gives its whole records, and one broken one", async () => {
  const whole = JSON.stringify({ Records: three });
  const pieces = await split(whole.slice(0, -30));
  expect(texts(pieces)).toEqual([three[0], three[1], expect.stringContaining("in the middle")]);
  expect(pieces.at(-1)).toMatchObject({ unfinished: true });
});

test("bytes that are not UTF-8 cost their record", async () => {
  const [first, second] = three.map((each) => JSON.stringify(each));
  const bytes = Buffer.concat([
    Buffer.from(`{"Records":[${first},{"eventVersion":"1`),
    Buffer.from([0xff]),
    Buffer.from(`"},${second}]}`),
  ]);
  expect(texts(await split(bytes))).toEqual([three[0], "the record is not UTF-8", three[1]]);
});

test("another document behind the records is not left out in silence", async () => {
  const pieces = await split(`${JSON.stringify({ Records: three.slice(0, 1) })} and more`);
  expect(texts(pieces)).toEqual([three[0], expect.stringContaining("goes on")]);
});

test("random bytes never hang and never throw", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", "a", '{"Records":[', '{"eventVersion":'),
      }),
      async (text) => {
        await split(`{"Records":[${text}`, [3]);
        await split(text, [4]);
      },
    ),
    { numRuns: 500 },
  );
});
