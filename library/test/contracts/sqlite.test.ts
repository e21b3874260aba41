import { describe, test } from "vitest";

import { storeContract } from "../../src/testing/index.ts";
import { openBetterApplication, openBetterSqlite, openNodeApplication, sqliteHarness } from "./sqlite-harness.ts";

describe("the SQLite store in threads of its own", () => {
  const harness = sqliteHarness({ store: {}, openApplication: openNodeApplication, clock: false });
  for (const { name, run } of storeContract(harness)) test(name, run);
});

describe("the SQLite store in the caller's thread", () => {
  const harness = sqliteHarness({ store: { threads: false }, openApplication: openNodeApplication, clock: true });
  for (const { name, run } of storeContract(harness)) test(name, run);
});

describe("the SQLite store on better-sqlite3", () => {
  const harness = sqliteHarness({
    store: { openConnection: openBetterSqlite },
    openApplication: openBetterApplication,
    clock: true,
  });
  for (const { name, run } of storeContract(harness)) test(name, run);
});
