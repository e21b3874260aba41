import { sha256 as portableSha256 } from "@noble/hashes/sha2.js";

import { encodeUtf8 } from "./bytes.ts";

// Node's own SHA-256 is several times faster; asking the process for it instead of importing it keeps this
// file loadable in a browser, where the audited portable implementation answers.
const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");

const hashSizeBytes = 32;

/** SHA-256 (FIPS 180-4) of bytes, or of a text's UTF-8: 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  const hash = new Uint8Array(hashSizeBytes);
  writeSha256(hash, 0, data);
  return hash;
}

/**
 * Writes the hash of `data` into `target` at `offset`: for trees, whose hashes lie side by side.
 *
 * Node gives a short text out several times faster than a Buffer (0.5 µs instead of 1.7 µs for 65 bytes).
 */
export function writeSha256(target: Uint8Array, offset: number, data: Uint8Array | string): void {
  if (nodeCrypto === undefined) {
    target.set(portableSha256(typeof data === "string" ? encodeUtf8(data) : data), offset);
    return;
  }
  const text = nodeCrypto.hash("sha256", data, "binary");
  for (let index = 0; index < hashSizeBytes; index += 1) target[offset + index] = text.charCodeAt(index);
}
