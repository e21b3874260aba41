import { createCipheriv, randomBytes } from "node:crypto";

import { concatBytes } from "../base/bytes.ts";
import { associatedData, lockedVersion, nonceSizeBytes, type PartPlace, type PlainPart } from "./locked-part.ts";

/** Encrypts a part as `locked-part.ts` describes, with a new random nonce each time. */
export function lockPart({ salt, bytes }: PlainPart, key: Uint8Array, place: PartPlace): Uint8Array {
  const nonce = randomBytes(nonceSizeBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(associatedData(place));
  const plain = concatBytes(Uint8Array.of(salt.length), salt, bytes);
  return concatBytes(Uint8Array.of(lockedVersion), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
}
