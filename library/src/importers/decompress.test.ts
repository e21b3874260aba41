import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { decompress } from "./decompress.ts";

async function read(bytes: Uint8Array, size = bytes.length || 1): Promise<string> {
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
  const parts: Uint8Array[] = [];
  for await (const chunk of decompress(chunks())) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}

const text = "one\ntwo é\n".repeat(1000);

test.each([1, 2, 3, 1000])("gzip is known by its first bytes, also in chunks of %i", async (size) => {
  expect(await read(gzipSync(text), size)).toBe(text);
  expect(await read(Buffer.from(text), size)).toBe(text);
});

test("several gzip members one after the other are one text", async () => {
  expect(await read(Buffer.concat([gzipSync("one\n"), gzipSync("two\n")]))).toBe("one\ntwo\n");
});

test.each([1, 2, 100])("a UTF-8 mark is no part of the text, in chunks of %i", async (size) => {
  expect(await read(Buffer.from(`\uFEFF${text}`), size)).toBe(text);
  expect(await read(gzipSync(`\uFEFF${text}`), size)).toBe(text);
});

test("nothing is nothing, and one byte is one byte", async () => {
  expect(await read(Buffer.alloc(0))).toBe("");
  expect(await read(Buffer.from("x"))).toBe("x");
});

test("UTF-16 is refused with the way out", async () => {
  await expect(read(Buffer.from("\uFEFFtext", "utf16le"))).rejects.toMatchObject({
    code: "IMPORT_INVALID",
    message: expect.stringContaining("UTF-16") as string,
  });
});

test("gzip that is cut off or damaged is an error, not an end", async () => {
  const whole = gzipSync(Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 251)));
  await expect(read(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ code: "IMPORT_INVALID" });
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, 20, 60);
  await expect(read(damaged)).rejects.toMatchObject({ code: "IMPORT_INVALID" });
});

test("an error of the source stays what it is", async () => {
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield gzipSync(text).subarray(0, 20);
    throw new Error("the disk is gone");
  }
  await expect(async () => {
    for await (const _ of decompress(chunks()));
  }).rejects.toThrow("the disk is gone");
});
