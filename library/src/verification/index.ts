/** `auditrail/verification`: a live store's trails as evidence to verify, and proofs of their entries. */

export { findAnchorProof } from "./anchor-proofs.ts";
export { proveEntry, type EntryProof } from "./prove-entry.ts";
export { openHashThreads, type HashThreads } from "./hash-threads.ts";
export { openStoreEvidence } from "./store-evidence.ts";
