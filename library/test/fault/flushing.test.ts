import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openSqliteStore, type SqliteConnection } from "../../src/stores/sqlite/index.ts";
import { readValue } from "../../src/stores/sqlite/driver.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { runProgram } from "./child.ts";
import { hasStrace, skipHere, withoutStrace } from "./skip-here.ts";

test("each acknowledgement is preceded by a flush to disk", async ({ skip }) => {
  if (!hasStrace) return skipHere(skip, withoutStrace);
  const directory = temporaryDirectory();
  const [file, trace] = [join(directory, "shop.db"), join(directory, "trace")];
  const program = runProgram("record-durably", [file, "0", "20"], {
    under: ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,write", "-o", trace],
  });
  await program.ended;
  const calls = readFileSync(trace, "utf8").split("\n");
  const acknowledgements = calls.flatMap((call, index) => (/write\(1, "\d+\\n"/.test(call) ? [index] : []));
  expect(acknowledgements).toHaveLength(20);
  let from = calls.findIndex((call) => call.includes('write(1, "open'));
  for (const index of acknowledgements) {
    const between = calls
      .slice(from, index)
      .filter((call) => /(fsync|fdatasync)(\(\d+\)| resumed>\)?).*= 0/.test(call));
    expect(between.length).toBeGreaterThan(0);
    from = index;
  }
});

test.for([
  ["node:sqlite", (file: string): SqliteConnection => new DatabaseSync(file)],
  ["better-sqlite3", (file: string): SqliteConnection => new Database(file)],
] as const)(
  "a store on %s writes with WAL and synchronous=FULL, whatever the driver's default is",
  async ([, open]) => {
    const connections: SqliteConnection[] = [];
    const openConnection = (file: string) => {
      const connection = open(file);
      connections.push(connection);
      return connection;
    };
    const store = await openSqliteStore({
      file: join(temporaryDirectory(), "shop.db"),
      createIfMissing: true,
      openConnection,
    });
    await store.append([]);
    expect(readValue(connections[0]!, "PRAGMA journal_mode")).toBe("wal");
    expect(readValue(connections[0]!, "PRAGMA synchronous")).toBe(2);
    await store.close();
  },
);
