import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { concatBytes, encodeUtf8 } from "../base/bytes.ts";
import { bytesInMemory, encodeTar, openTar } from "./tar.ts";

const files = [
  { path: "origin", bytes: encodeUtf8("audit.example.com/shop\n") },
  { path: "tile/entries/x001/234.p/7", bytes: new Uint8Array(513).fill(9) },
  { path: "empty", bytes: new Uint8Array(0) },
  { path: "whole-block", bytes: new Uint8Array(512).fill(1) },
];

async function pack(all: readonly { path: string; bytes: Uint8Array }[] = files): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeTar(all)) pieces.push(piece);
  return concatBytes(...pieces);
}

const open = (bytes: Uint8Array) => openTar(bytesInMemory(bytes));

test("files come out as they went in", async () => {
  const tar = await open(await pack());
  expect(tar.names).toEqual(files.map(({ path }) => path));
  for (const { path, bytes } of files) expect(await tar.read(path)).toEqual(bytes);
  expect(await tar.read("nothing")).toBeUndefined();
});

test("the system's tar reads it, and we read what it lists", async () => {
  const listed = execFileSync("tar", ["-tvf", "-"], { input: await pack(), encoding: "utf8" });
  expect(
    listed
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, 10), line.trim().split(/\s+/).at(-1)]),
  ).toEqual(files.map(({ path }) => ["-rw-------", path]));
  expect(execFileSync("tar", ["-xOf", "-", "origin"], { input: await pack() }).toString()).toBe(
    "audit.example.com/shop\n",
  );
});

test("every flip of a bit outside the contents is refused", async () => {
  const bytes = await pack([{ path: "a", bytes: encodeUtf8("x") }]);
  const readAll = async (flipped: Uint8Array): Promise<unknown> => (await open(flipped)).read("a");
  for (let index = 0; index < bytes.length; index += 1) {
    if (index === 512) continue;
    const flipped = bytes.slice();
    flipped[index]! ^= 1 << (index % 8);
    const result = await readAll(flipped).catch((error: { code: string }) => error.code);
    // A name that was changed is another file, which is missing then.
    expect([undefined, "VERIFY_MALFORMED"], `byte ${index}`).toContain(result);
  }
});

test("what is cut off, doubled, no plain file or behind the end is refused", async () => {
  const bytes = await pack();
  for (const length of [0, 100, 512, 700, 2_000, bytes.length - 1])
    await expect(open(bytes.subarray(0, length))).rejects.toMatchObject({ code: "VERIFY_MALFORMED" });
  await expect(open(concatBytes(bytes, encodeUtf8("more")))).rejects.toMatchObject({ code: "VERIFY_MALFORMED" });
  await expect(open(await pack([files[0]!, files[0]!]))).rejects.toThrow("twice");
  const made = execFileSync("sh", [
    "-c",
    "d=$(mktemp -d); cd $d; ln -s /etc/passwd origin; tar --format=ustar -cf - origin; rm -r $d",
  ]);
  await expect(open(new Uint8Array(made))).rejects.toThrow("not a plain file");
});

test("names and sizes that the format cannot hold are refused before anything is written", async () => {
  for (const path of ["", "/etc/passwd", "../up", "x".repeat(101), "with space", "ünicode"]) {
    await expect(pack([{ path, bytes: new Uint8Array(1) }])).rejects.toMatchObject({ code: "VALUE_INVALID" });
  }
});
