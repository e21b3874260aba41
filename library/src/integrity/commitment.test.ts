import fc from "fast-check";
import { expect, test } from "vitest";

import { concatBytes, encodeUtf8 } from "../base/bytes.ts";
import { sha256 } from "../base/sha256.ts";
import { makeCommitment, verifyCommitment } from "./commitment.ts";

const salts = fc.uint8Array({ minLength: 16, maxLength: 255 });

test("a commitment is the hash of its parts as documented, and verifies", () => {
  fc.assert(
    fc.property(salts, fc.uint8Array(), (salt, bytes) => {
      const message = concatBytes(encodeUtf8("auditrail/commit/1"), Uint8Array.of(0, salt.length), salt, bytes);
      expect(makeCommitment(salt, bytes)).toEqual(sha256(message));
      expect(() => verifyCommitment(makeCommitment(salt, bytes), salt, bytes)).not.toThrow();
    }),
  );
});

test("moving a byte from the data to the salt makes another commitment", () => {
  const bytes = new Uint8Array(40).fill(5);
  expect(makeCommitment(bytes.slice(0, 17), bytes.slice(17))).not.toEqual(
    makeCommitment(bytes.slice(0, 16), bytes.slice(16)),
  );
});

test("other data, another salt and another commitment are told apart from malformed ones", () => {
  const [salt, bytes] = [new Uint8Array(16).fill(1), encodeUtf8("anna@example.com")];
  const commitment = makeCommitment(salt, bytes);
  const failed = expect.objectContaining({ code: "VERIFY_COMMITMENT_FAILED" });
  const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });
  expect(() => verifyCommitment(commitment, salt, encodeUtf8("bert@example.com"))).toThrow(failed);
  expect(() => verifyCommitment(commitment, new Uint8Array(16), bytes)).toThrow(failed);
  expect(() => verifyCommitment(new Uint8Array(32), salt, bytes)).toThrow(failed);
  expect(() => verifyCommitment(commitment, salt.slice(1), bytes)).toThrow(malformed);
  expect(() => verifyCommitment(commitment.slice(1), salt, bytes)).toThrow(malformed);
});

test("a salt that is too short or too long is refused when committing", () => {
  for (const size of [0, 15, 256]) {
    expect(() => makeCommitment(new Uint8Array(size), new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: "VALUE_INVALID" }),
    );
  }
});
