/**
 * Records events one after another and in small groups, and acknowledges each on descriptor 3 once `record()` resolved.
 * Arguments: database file, `FULL` or `NORMAL`, number of events. Run by the tests under strace.
 */

import { writeSync } from "node:fs";

import { openCatalogue } from "../../../src/event/catalogue.ts";
import type { OpenConnection, SqliteConnection } from "../../../src/stores/sqlite/driver.ts";
import { openNodeSqlite } from "../../../src/stores/sqlite/driver.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { openTrail } from "../../../src/trail/open-trail.ts";

const [file, synchronous, total] = process.argv.slice(2) as [string, string, string];

/** A driver that keeps NORMAL whatever it is told, and says FULL when it is asked: what we must never get. */
const openWithNormal: OpenConnection = (path, options) => {
  const connection = openNodeSqlite(path, options);
  const lying: SqliteConnection = {
    prepare: (sql) => connection.prepare(sql === "PRAGMA synchronous" ? "SELECT 2" : sql),
    exec: (sql) => connection.exec(sql.replace("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL")),
    close: () => connection.close(),
  };
  return lying;
};

const store = await openSqliteStore({
  file,
  createIfMissing: true,
  ...(synchronous === "NORMAL" ? { openConnection: openWithNormal } : {}),
});
const trail = await openTrail({ catalogue: openCatalogue(), store });

async function recordOne(number: number): Promise<void> {
  try {
    const { id } = await trail.record("shop.sold", {
      actor: { type: "user", id: "42", name: `Customer ${number}` },
      target: { type: "article", id: String(number % 7) },
      data: { number, note: "x".repeat((number * 137) % 2_000) },
    });
    writeSync(3, `ACK ${id}\n`);
  } catch (error) {
    writeSync(3, `REFUSED ${String((error as { code?: string }).code)}\n`);
  }
}

for (let number = 0; number < Number(total); ) {
  const group = Array.from({ length: number % 5 === 0 ? 4 : 1 }, (_, offset) => number + offset);
  await Promise.all(group.map(recordOne));
  number += group.length;
}
writeSync(3, "END\n");
await trail.close();
