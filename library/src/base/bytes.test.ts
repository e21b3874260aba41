import fc from "fast-check";
import { expect, test } from "vitest";

import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
  utf8Length,
} from "./bytes.ts";

const invalid = expect.objectContaining({ code: "VALUE_INVALID" });

test("hexadecimal, base64 and UTF-8 give back what went in, as Node writes them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: "binary" }), (bytes, text) => {
      expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      expect(decodeUtf8(encodeUtf8(text))).toBe(text.toWellFormed());
    }),
  );
});

test("the length in UTF-8 is told without encoding, lone surrogates included", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
      const text = String.fromCharCode(...units);
      expect(utf8Length(text)).toBe(encodeUtf8(text).length);
    }),
  );
  expect(utf8Length("aä€😀")).toBe(10);
  expect(utf8Length("\ud800€")).toBe(6);
  expect(utf8Length("a\ud800")).toBe(4);
  expect(utf8Length("\ud800\ud800\udc00")).toBe(7);
});

test("text that is not UTF-8 is refused, a byte order mark is kept", () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(invalid);
  }
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
});

test("there is one base64 text for some bytes, and no other is read", () => {
  for (const text of ["YQ", "YR==", "YQ==\n", " YQ==", "YQ=", "_-8=", "YQ==YQ==", "=", "===="]) {
    expect(() => decodeBase64(text)).toThrow(invalid);
  }
  expect(decodeBase64("")).toEqual(new Uint8Array(0));
});

test("hexadecimal of either case is read, anything else is not", () => {
  expect(decodeHex("00fF")).toEqual(Uint8Array.of(0, 255));
  for (const text of ["0", "0g", "0x00", " 00"]) expect(() => decodeHex(text)).toThrow(invalid);
});

test("bytes are joined and compared", () => {
  expect(concatBytes()).toEqual(new Uint8Array(0));
  expect(concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});
