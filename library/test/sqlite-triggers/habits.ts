/** A small bot's database, with the trail in the same file. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { onTestFinished } from "vitest";

import { action, defineCatalogue, defineLog, defineRowLog, openTrail } from "../../src/index.ts";
import { installCapture, type CaptureOptions } from "../../src/capture/sqlite-triggers/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

export const catalogue = defineCatalogue(
  defineLog("bot", {
    title: "Bot log",
    actions: {
      command: action({ op: "execute", says: "{actor} sent a command" }),
      completed: action({ op: "update", says: "{actor} completed {target}" }),
    },
  }),
  defineRowLog({ personal: ["name"], secret: ["passphrase_of_bot"] }),
);

export const createHabits = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, session_token TEXT, passphrase_of_bot TEXT, note TEXT);
  CREATE TABLE habits (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE, name TEXT NOT NULL, weight REAL, UNIQUE (user, name));
  CREATE TABLE rewards (id INTEGER PRIMARY KEY, pieces INTEGER NOT NULL);
`;

export const tables: CaptureOptions["tables"] = { users: { mask: ["note"] }, habits: {}, rewards: {} };

export async function openHabits() {
  const file = join(temporaryDirectory(), "habits.db");
  const database = new DatabaseSync(file, { timeout: 2_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${createHabits}`);
  installCapture(database, { tables, catalogue });
  const store = await openSqliteStore({ file, createIfMissing: true, threads: false });
  const trail = await openTrail({ catalogue, store });
  onTestFinished(async () => {
    await trail.close();
    database.close();
  });
  return { file, database, trail };
}
