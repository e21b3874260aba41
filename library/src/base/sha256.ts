import { sha256 as portableSha256 } from "@noble/hashes/sha2.js";

import { encodeUtf8 } from "./bytes.ts";

// Node's own SHA-256 is several times faster; asking the process for it instead of importing it keeps this
// file loadable in a browser, where the audited portable implementation answers.
const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");

/** SHA-256 (FIPS 180-4) of bytes, or of a text's UTF-8: 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  if (nodeCrypto !== undefined) return new Uint8Array(nodeCrypto.hash("sha256", data, "buffer"));
  return portableSha256(typeof data === "string" ? encodeUtf8(data) : data);
}
