/** What a person with a SQLite shell does by mistake: the trail's tables refuse it, or their entries stay as they are. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { checkTrails } from "../../src/testing/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { clerk, openShop } from "./shop.ts";

const event = (number: number) => ({
  actor: { ...clerk, name: "Ida Lund" },
  target: { type: "order", id: String(number) },
  data: { number },
});

/** A trail with 300 entries (more than a tile), personal data and a checkpoint. */
async function writtenFile(): Promise<string> {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  await Promise.all(
    Array.from({ length: 300 }, (_, number) =>
      trail.record(number % 2 === 0 ? "order.placed" : "order.viewed", event(number)),
    ),
  );
  await trail.close();
  const store = await openSqliteStore({ file });
  await store.putCheckpoint("default", { size: 300, root: new Uint8Array(32), createdAtMicros: 1, note: "a note" });
  await store.close();
  const connection = new DatabaseSync(file);
  connection.exec(
    "INSERT INTO auditrail_subject_key (trail, subject, key, made_at) VALUES (1, 'user/clerk', randomblob(32), 1)",
  );
  connection.close();
  return file;
}

/** Everything that a store says of its entries. */
async function snapshot(file: string) {
  const store = await openSqliteStore({ file, threads: false });
  const [entries, tree, tile, heads, checkpoints, catalogue] = await Promise.all([
    store.read("default", 0, 1_000),
    store.readTree("default"),
    store.readTile("default", 0, 0),
    store.listTrails(),
    store.listCheckpoints("default", 0, 10),
    store.readCatalogue(),
  ]);
  await store.close();
  const connection = new DatabaseSync(file, { readOnly: true });
  const keys = connection.prepare("SELECT * FROM auditrail_subject_key").all();
  connection.close();
  return { entries, tree, tile, heads, checkpoints, catalogue, keys };
}

const kept = ["entry", "target", "sealed", "trail", "tile", "checkpoint", "catalogue", "subject_key"];

/** Columns whose change would say something else of an entry. */
const changes: Readonly<Record<string, readonly string[]>> = {
  entry: [
    "entry = '{}'",
    "hash = zeroblob(32)",
    "recorded_at = 0",
    "outcome = 'denied'",
    "key = key + 1000",
    "event_id = zeroblob(16)",
  ],
  target: ["id = 'other'", "key = key + 1"],
  sealed: ["bytes = x'00'", "salt = zeroblob(16)", "subject = 'nobody'"],
  trail: [
    "size = size - 1",
    "size = size + 1000",
    "tenant = 'other'",
    "origin = 'other'",
    "edge = x'00'",
    "number = 9",
    "recorded_at = 0",
  ],
  tile: ["hashes = zeroblob(8192)", "root = zeroblob(32)", "number = number + 1"],
  checkpoint: ["note = 'other'", "size = 1", "root = zeroblob(32)"],
  catalogue: ["description = '{}'"],
  subject_key: ["key = zeroblob(32)"],
  meta: ["value = '0'", "name = name || 'x'"],
};

const statements = Object.entries(changes).flatMap(([table, columns]) =>
  columns.flatMap((change) => [
    `UPDATE auditrail_${table} SET ${change}`,
    `UPDATE OR REPLACE auditrail_${table} SET ${change}`,
  ]),
);
const deletions = [...kept, "meta"].flatMap((table) => [
  `DELETE FROM auditrail_${table}`,
  `DELETE FROM auditrail_${table} WHERE 1`,
]);

/** Where these change, a row is put in beside the others and writes over none. */
const addsRows = ["target.id", "target.key", "tile.number", "meta.name"];

/** Puts every row back in with one column changed, in each way SQLite has of writing over a row. */
function replacements(connection: DatabaseSync): string[] {
  return Object.entries(changes).flatMap(([table, columns]) => {
    const names = connection
      .prepare(`SELECT name FROM pragma_table_info('auditrail_${table}')`)
      .all()
      .map(({ name }) => String(name));
    return columns.flatMap((change) => {
      const [changed, value] = [change.slice(0, change.indexOf(" = ")), change.slice(change.indexOf(" = ") + 3)];
      if (addsRows.includes(`${table}.${changed}`)) return [];
      const rows = `SELECT ${names.map((name) => (name === changed ? value : name)).join(", ")} FROM auditrail_${table} WHERE true`;
      return [
        `INSERT OR REPLACE INTO auditrail_${table} ${rows}`,
        `REPLACE INTO auditrail_${table} ${rows}`,
        `INSERT INTO auditrail_${table} ${rows} ON CONFLICT DO UPDATE SET ${change}`,
      ];
    });
  });
}

describe("an operator's slip", () => {
  test("neither changes nor removes anything of an entry, by whatever statement", { timeout: 60_000 }, async () => {
    const file = await writtenFile();
    const before = await snapshot(file);
    const connection = new DatabaseSync(file, { timeout: 2_000 });
    const all = [...statements, ...deletions, ...replacements(connection)];
    const accepted: string[] = [];
    for (const statement of all) {
      connection.exec("BEGIN IMMEDIATE");
      try {
        const changed = connection.prepare(statement).run().changes;
        if (changed !== 0) accepted.push(statement);
      } catch {
        // Refused, as it should be.
      }
      connection.exec("ROLLBACK");
    }
    expect(accepted.join("\n")).toBe("");
    connection.close();
    expect(await snapshot(file)).toEqual(before);
  });

  test.for(["tally", "tally_log", "text", "producer"])(
    "in auditrail_%s, which is derived or only counts, leaves the entries as they are",
    async (table) => {
      const file = await writtenFile();
      const before = await snapshot(file);
      const connection = new DatabaseSync(file, { timeout: 2_000 });
      connection.exec(`DELETE FROM auditrail_${table}`);
      connection.close();
      expect(await snapshot(file)).toEqual(before);
      const trail = await openShop(file);
      expect(await trail.record("order.placed", event(300))).toMatchObject({ seq: 300 });
      await trail.close();
      const store = await openSqliteStore({ file });
      expect(await checkTrails(store)).toBe(301);
      await store.close();
    },
  );
});
