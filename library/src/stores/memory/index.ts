export { openMemoryStore } from "./memory-store.ts";
export type { MemoryStore, MemoryStoreOptions, MemoryTransaction } from "./memory-store.ts";
