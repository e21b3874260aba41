/** A small application with handlers, tables and a trail in one file, driven as its users would. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { onTestFinished } from "vitest";

import { action, defineCatalogue, defineLog, defineRowLog, openTrail, type InventoryItem } from "../../src/index.ts";
import {
  checkCapture,
  drainChanges,
  installCapture,
  writeInOperation,
  type CaptureOptions,
} from "../../src/capture/sqlite-triggers/index.ts";
import { observe, type Observation } from "../../src/coverage/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const catalogue = defineCatalogue(
  defineLog("bot", {
    title: "Bot log",
    actions: { command: action({ op: "execute", says: "{actor} sent {context.route}", guarantee: "buffered" }) },
  }),
  defineLog("habit", {
    title: "Habits",
    actions: { completed: action({ op: "update", says: "{actor} completed {target}" }) },
  }),
  defineRowLog(),
);

const createTables = `
  CREATE TABLE habits (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE rewards (id INTEGER PRIMARY KEY, pieces INTEGER);
  CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT);
`;

export const tables: CaptureOptions["tables"] = {
  habits: {},
  rewards: {},
  cache: { exclude: "computed anew at each start" },
};

export const item = (name: string, more: Partial<InventoryItem> = {}): InventoryItem => ({
  ...{ kind: "command", name, listedBy: "bot", captured: true },
  ...more,
});

export async function openShop() {
  const file = join(temporaryDirectory(), "shop.db");
  const database = new DatabaseSync(file, { timeout: 2_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${createTables}`);
  installCapture(database, { tables });
  const store = await openSqliteStore({ file, createIfMissing: true, threads: false });
  const trail = await openTrail({ catalogue, store, exitHooks: false });
  onTestFinished(async () => {
    await trail.close();
    database.close();
  });
  /** What a capture does around a handler. */
  const handle = (route: string, handler: () => void): Promise<void> =>
    trail.with({ actor: { type: "user", id: "7" }, context: { source: "bot", route } }, () =>
      trail.track("bot.command", {}, () => writeInOperation(database, handler)),
    );
  const look = async (inventory: readonly InventoryItem[], query?: string): Promise<Observation> => {
    await drainChanges(database, trail);
    const items = [...inventory, ...checkCapture(database)];
    return observe({ trail, inventory: items, ...(query === undefined ? {} : { query }) });
  };
  return { file, database, trail, handle, look };
}
