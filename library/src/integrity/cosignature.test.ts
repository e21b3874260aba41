import { expect, test } from "vitest";

import { encodeUtf8 } from "../base/bytes.ts";
import { cosign, readCosignatureTime, verifyCosignature } from "./cosignature.ts";
import { createSignerKey, signatureTypes, verifierKeyOf } from "./note-key.ts";
import { parseSignatureLine, parseSignedNote } from "./signed-note.ts";

const checkpoint = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
// The example of C2SP tlog-cosignature; its keys are not published, but its time is.
const published =
  "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
const key = createSignerKey("witness.example/w1", new Uint8Array(32).fill(4), signatureTypes.cosignature);
const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });

test("the published cosignature has the published key id and time", () => {
  const signature = parseSignatureLine(published);
  expect(signature.keyId).toBe(0x8d66cf3f);
  expect(readCosignatureTime(signature)).toBe(1_679_315_147);
});

test("the signed message is the one that the specification shows", () => {
  const shown = `cosignature/v1\ntime 1679315147\n${checkpoint}`;
  const { signature } = cosign(checkpoint, key, 1_679_315_147);
  expect(signature.slice(0, 8)).toEqual(Uint8Array.of(0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb));
  expect(signature.slice(8)).toEqual(key.sign(encodeUtf8(shown)));
});

test("a cosignature verifies for its checkpoint, its extension lines included, and tells its time", () => {
  const extended = `${checkpoint}extension\n`;
  const signature = cosign(extended, key, 5);
  expect(verifyCosignature(extended, signature, verifierKeyOf(key))).toBe(5);
  const invalid = expect.objectContaining({
    code: "VERIFY_SIGNATURE_INVALID",
    evidence: { checkpoints: [checkpoint] },
  });
  expect(() => verifyCosignature(checkpoint, signature, verifierKeyOf(key))).toThrow(invalid);
});

test("another time, another key or another kind of key does not verify", () => {
  const signature = cosign(checkpoint, key, 5);
  const later = {
    ...signature,
    signature: Uint8Array.of(...signature.signature.slice(0, 7), 6, ...signature.signature.slice(8)),
  };
  const invalid = expect.objectContaining({ code: "VERIFY_SIGNATURE_INVALID" });
  expect(() => verifyCosignature(checkpoint, later, verifierKeyOf(key))).toThrow(invalid);
  const other = createSignerKey("witness.example/w1", new Uint8Array(32).fill(5), signatureTypes.cosignature);
  expect(() => verifyCosignature(checkpoint, signature, verifierKeyOf(other))).toThrow(invalid);
  const plain = createSignerKey("witness.example/w1", new Uint8Array(32).fill(4));
  expect(() => verifyCosignature(checkpoint, signature, verifierKeyOf(plain))).toThrow(
    expect.objectContaining({ code: "VERIFY_KEY_INVALID" }),
  );
});

test("what cannot be a cosignature is malformed", () => {
  const good = cosign(checkpoint, key, 5);
  for (const size of [0, 8, 64, 71, 73]) {
    expect(() =>
      verifyCosignature(checkpoint, { ...good, signature: new Uint8Array(size) }, verifierKeyOf(key)),
    ).toThrow(malformed);
  }
  const farFuture = { ...good, signature: new Uint8Array(72).fill(255) };
  expect(() => readCosignatureTime(farFuture)).toThrow(malformed);
  expect(() => verifyCosignature("not a checkpoint\n", good, verifierKeyOf(key))).toThrow(malformed);
});

test("only a checkpoint is cosigned, with a cosigner's key and a time in whole seconds", () => {
  const invalid = expect.objectContaining({ code: "VALUE_INVALID" });
  expect(() => cosign("If you think\n", key, 5)).toThrow(malformed);
  expect(() => cosign(checkpoint, createSignerKey("w", new Uint8Array(32)), 5)).toThrow(invalid);
  for (const time of [-1, 0.5, Number.NaN]) expect(() => cosign(checkpoint, key, time)).toThrow(invalid);
  expect(parseSignedNote(`${checkpoint}\n${published}\n`).signatures.length).toBe(1);
});
