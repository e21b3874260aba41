/** Waits for a line, and then opens a store that may not be there yet, four times at once. */

import { once } from "node:events";

import { openSqliteStore } from "../../../src/stores/sqlite/index.ts";

process.stdout.write("ready\n");
await once(process.stdin, "data");
const stores = await Promise.all(
  Array.from({ length: 4 }, () => openSqliteStore({ file: process.argv[2]!, createIfMissing: true })),
);
process.stdout.write(`${stores.map(({ origin }) => origin).join(" ")}\n`);
for (const store of stores) await store.close();
process.exit(0);
