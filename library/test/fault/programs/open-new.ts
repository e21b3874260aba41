/** Waits for a line, and then opens a store that may not be there yet. */

import { once } from "node:events";

import { openSqliteStore } from "../../../src/stores/sqlite/index.ts";

process.stdout.write("ready\n");
await once(process.stdin, "data");
const store = await openSqliteStore({ file: process.argv[2]!, createIfMissing: true });
process.stdout.write(`${store.origin}\n`);
await store.close();
process.exit(0);
