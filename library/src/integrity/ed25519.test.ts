import { afterEach, expect, test, vi } from "vitest";

import { decodeHex, encodeHex } from "../base/bytes.ts";
import * as native from "./ed25519.ts";

// RFC 8032 section 7.1: seed, public key, message, signature.
const examples = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
] as const;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

async function loadPortable(): Promise<typeof native> {
  vi.stubGlobal("process", undefined);
  vi.resetModules();
  const portable = await import("./ed25519.ts");
  vi.unstubAllGlobals();
  return portable;
}

test("the published examples come out, with Node's implementation and with the portable one", async () => {
  for (const { publicKeyOf, createSign, createVerify } of [native, await loadPortable()]) {
    for (const [seed, publicKey, message, signature] of examples) {
      expect(encodeHex(publicKeyOf(decodeHex(seed)))).toBe(publicKey);
      expect(encodeHex(createSign(decodeHex(seed))(decodeHex(message)))).toBe(signature);
      expect(createVerify(decodeHex(publicKey))(decodeHex(message), decodeHex(signature))).toBe(true);
    }
  }
});

test("both implementations refuse every single flipped bit, and signatures of another length", async () => {
  const [, publicKey, message, signature] = examples[1];
  for (const { createVerify } of [native, await loadPortable()]) {
    const verify = createVerify(decodeHex(publicKey));
    for (let bit = 0; bit < 512; bit += 37) {
      const flipped = decodeHex(signature);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verify(decodeHex(message), flipped)).toBe(false);
    }
    for (const length of [0, 63, 65]) expect(verify(decodeHex(message), new Uint8Array(length))).toBe(false);
    expect(verify(decodeHex("73"), decodeHex(signature))).toBe(false);
  }
});

test("both implementations refuse a signature whose S is not reduced", async () => {
  const [, publicKey, message, signature] = examples[1];
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const littleEndian = decodeHex(signature).slice(32).toReversed();
  const raised = (BigInt(`0x${encodeHex(littleEndian)}`) + order).toString(16).padStart(64, "0");
  const malleated = Uint8Array.from([...decodeHex(signature).slice(0, 32), ...decodeHex(raised).toReversed()]);
  for (const { createVerify } of [native, await loadPortable()]) {
    expect(createVerify(decodeHex(publicKey))(decodeHex(message), malleated)).toBe(false);
  }
});

test("a key of another size is refused, and 32 bytes that are no key verify nothing", async () => {
  const invalid = expect.objectContaining({ code: "VERIFY_KEY_INVALID" });
  for (const { publicKeyOf, createSign, createVerify } of [native, await loadPortable()]) {
    for (const length of [0, 31, 33]) {
      for (const use of [publicKeyOf, createSign, createVerify])
        expect(() => use(new Uint8Array(length))).toThrow(invalid);
    }
    const noPoint = createVerify(new Uint8Array(32).fill(255));
    expect(noPoint(new Uint8Array(1), new Uint8Array(64))).toBe(false);
  }
});
