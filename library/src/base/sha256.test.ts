import { afterEach, expect, test, vi } from "vitest";

import { encodeHex, encodeUtf8 } from "./bytes.ts";
import { sha256 } from "./sha256.ts";

// FIPS 180-4 examples, as published by NIST.
const examples: readonly (readonly [string, string])[] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("the published examples come out, for text and for bytes", () => {
  for (const [text, hash] of examples) {
    expect(encodeHex(sha256(text))).toBe(hash);
    expect(encodeHex(sha256(encodeUtf8(text)))).toBe(hash);
  }
});

test("where there is no Node the portable implementation gives the same", async () => {
  vi.stubGlobal("process", undefined);
  vi.resetModules();
  const portable = await import("./sha256.ts");
  vi.unstubAllGlobals();
  for (const [text, hash] of examples) {
    expect(encodeHex(portable.sha256(text))).toBe(hash);
    expect(encodeHex(portable.sha256(encodeUtf8(text)))).toBe(hash);
  }
  const wild = "\0ä€😀\ud800";
  expect(portable.sha256(wild)).toEqual(sha256(wild));
});

test("the hash is plain bytes of its own", () => {
  const hash = sha256("abc");
  expect(Object.getPrototypeOf(hash)).toBe(Uint8Array.prototype);
  expect(hash.buffer.byteLength).toBe(32);
});
