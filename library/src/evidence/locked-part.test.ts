import { expect, test } from "vitest";

import { encodeUtf8 } from "../base/bytes.ts";
import { parseDisclosure, formatDisclosure } from "./disclosure.ts";
import { lockPart } from "./lock-part.ts";
import { unlockPart } from "./locked-part.ts";

const key = new Uint8Array(32).fill(3);
const place = { origin: "audit.example.com/shop", seq: 7, index: 1 };
const part = { salt: new Uint8Array(16).fill(5), bytes: encodeUtf8('{"actor":{"name":"Ion Popescu"}}') };

test("what is locked opens with its key at its place, and twice locked is never the same", async () => {
  const [one, two] = [lockPart(part, key, place), lockPart(part, key, place)];
  expect(one).not.toEqual(two);
  for (const locked of [one, two]) expect(await unlockPart(locked, key, place)).toEqual(part);
  expect(Buffer.from(one).includes("Popescu")).toBe(false);
  const long = { salt: new Uint8Array(255).fill(1), bytes: new Uint8Array(0) };
  expect(await unlockPart(lockPart(long, key, place), key, place)).toEqual(long);
});

test("another key, another place and every flipped bit are refused", async () => {
  const locked = lockPart(part, key, place);
  const refused = { code: "VERIFY_MALFORMED" };
  await expect(unlockPart(locked, new Uint8Array(32), place)).rejects.toMatchObject(refused);
  for (const moved of [{ seq: 8 }, { index: 0 }, { origin: "audit.example.com/other" }]) {
    await expect(unlockPart(locked, key, { ...place, ...moved })).rejects.toMatchObject(refused);
  }
  for (let index = 0; index < locked.length; index += 1) {
    const flipped = locked.slice();
    flipped[index]! ^= 1 << (index % 8);
    await expect(unlockPart(flipped, key, place)).rejects.toMatchObject(refused);
  }
  for (const length of [0, 1, 28])
    await expect(unlockPart(locked.subarray(0, length), key, place)).rejects.toMatchObject(refused);
});

test("a disclosure is read as it was written, and nothing else is", () => {
  const disclosure = {
    origin: "audit.example.com/shop",
    keys: new Map([
      ["user/1", key],
      ["__proto__", key],
    ]),
  };
  expect(parseDisclosure(formatDisclosure(disclosure))).toEqual({
    ...disclosure,
    keys: new Map([
      ["__proto__", key],
      ["user/1", key],
    ]),
  });
  const bad = [
    "",
    "{}",
    "null",
    '{"format":"auditrail/disclosure@v1"}',
    '{"format":"auditrail/disclosure@v1","origin":"a","keys":{"user/1":"AAAA"}}',
    '{"format":"auditrail/disclosure@v2","origin":"a","keys":{}}',
  ];
  for (const text of bad) expect(() => parseDisclosure(text)).toThrow("Cannot read the disclosure");
});
