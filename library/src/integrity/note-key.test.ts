import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeUtf8 } from "../base/bytes.ts";
import {
  createSignerKey,
  createVerifierKey,
  formatKeyId,
  formatSignerKey,
  formatVerifierKey,
  isKeyName,
  parseSignerKey,
  parseVerifierKey,
  signatureTypes,
  verifierKeyOf,
} from "./note-key.ts";

// Published with golang.org/x/mod/sumdb/note and with C2SP signed-note.
const peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const peterSigner = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const enoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const c2sp = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
// A public witness, from the tests of github.com/transparency-dev/formats.
const remora = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
const invalid = expect.objectContaining({ code: "VERIFY_KEY_INVALID" });

test("published keys are read and written byte for byte", () => {
  for (const text of [peter, enoch, c2sp, remora]) expect(formatVerifierKey(parseVerifierKey(text))).toBe(text);
  expect(parseVerifierKey(peter)).toMatchObject({
    name: "PeterNeumann",
    keyId: 0xc74f20a3,
    type: signatureTypes.ed25519,
  });
  expect(parseVerifierKey(remora)).toMatchObject({ name: "remora.n621.de", type: signatureTypes.cosignature });
  expect(formatVerifierKey(verifierKeyOf(parseSignerKey(peterSigner)))).toBe(peter);
});

test("no part of a key is a key, and no key with one character changed", () => {
  const parsers: readonly [string, (text: string) => unknown][] = [
    [peter, parseVerifierKey],
    [peterSigner, parseSignerKey],
  ];
  for (const [text, parse] of parsers) {
    for (let start = 0; start < text.length; start += 1) {
      for (let end = start; end <= text.length; end += 7) expect(() => parse(text.slice(start, end))).toThrow(invalid);
      const changed = text.slice(0, start) + String.fromCharCode(text.charCodeAt(start) + 1) + text.slice(start + 1);
      expect(() => parse(changed)).toThrow(invalid);
    }
  }
});

test("keys of a wrong length or an unknown type are refused though their ids are right", () => {
  expect(() => parseVerifierKey("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")).toThrow(
    invalid,
  );
  expect(() => parseVerifierKey("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")).toThrow(invalid);
});

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(isKeyName);
const types = fc.constantFrom(...Object.values(signatureTypes));

test("any key reads back as it was written, and signs for its public half", () => {
  fc.assert(
    fc.property(names, fc.uint8Array({ minLength: 32, maxLength: 32 }), types, (name, seed, type) => {
      const { sign, ...signer } = parseSignerKey(formatSignerKey(name, seed, type));
      const { verify, ...verifier } = parseVerifierKey(formatVerifierKey(signer));
      expect(verifier).toEqual(signer);
      expect(verifier).toMatchObject({ name, type });
      expect(verify(encodeUtf8("hi"), sign(encodeUtf8("hi")))).toBe(true);
      expect(verify(encodeUtf8("ho"), sign(encodeUtf8("hi")))).toBe(false);
    }),
    { numRuns: 30 },
  );
});

test("a name has neither white space nor a plus sign nor control characters", () => {
  for (const name of ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\nb", "a\u0001", "\ud800"]) {
    expect(isKeyName(name)).toBe(false);
    expect(() => createVerifierKey(name, new Uint8Array(32))).toThrow(invalid);
    expect(() => createSignerKey(name, new Uint8Array(32))).toThrow(invalid);
  }
  for (const name of ["a", "example.com/log", "…", "😀"]) expect(isKeyName(name)).toBe(true);
});

test("a secret never shows in an error or in a key that is printed", () => {
  const secret = peterSigner.split("+").at(-1)!;
  for (const text of [
    `${peterSigner}=`,
    peterSigner.replace("c74f20a3", "c74f20a4"),
    peterSigner.replace("+AYEK", "+BYEK"),
  ]) {
    expect(() => parseSignerKey(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret.slice(6, 20)) }),
    );
  }
  const seedAsJson = JSON.stringify([...Buffer.from(secret, "base64").subarray(1)]).slice(1, -1);
  expect(JSON.stringify(parseSignerKey(peterSigner))).not.toContain(seedAsJson);
});

test("a key id is always eight digits", () => {
  expect(formatKeyId(0)).toBe("00000000");
  expect(formatKeyId(0xffffffff)).toBe("ffffffff");
});
