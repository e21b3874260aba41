import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { schemaVersion } from "../../src/stores/sqlite/schema.ts";
import { checkSqliteFile } from "../contracts/check-sqlite-file.ts";
import { clerk, openShop, orderNumbers, readShop } from "../guarantees/shop.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const versions = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".db.gz"));

function thaw(name: string): string {
  const file = join(temporaryDirectory(), "audit.db");
  writeFileSync(file, gunzipSync(readFileSync(join(import.meta.dirname, name))));
  return file;
}

/** Every table, index and trigger of ours, as it was made. */
function schemaOf(file: string): readonly unknown[] {
  const connection = new DatabaseSync(file, { readOnly: true });
  const rows = connection
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name LIKE 'auditrail%' ORDER BY type, name")
    .all();
  connection.close();
  return rows.map((row) => ({ ...row }));
}

test("every version of the schema up to the present one is frozen", () => {
  const expected = Array.from({ length: schemaVersion }, (_, index) => `version-${index + 1}.db.gz`);
  expect(versions.toSorted(), "run node library/test/migrations/make-version.ts").toEqual(expected);
});

test.for(versions)("a trail of %s opens, says what it said, verifies, and goes on", async (name) => {
  const file = thaw(name);
  const trail = await openShop(file);
  expect((await trail.count(""))[0]!.count).toBe(301);
  expect((await trail.count("", { tenant: "other" }))[0]!.count).toBe(1);
  expect((await trail.count("actor:user/3 log:order"))[0]!.count).toBe(43);
  const [entry] = (await trail.query('"Person 3"', { limit: 1, order: { direction: "oldest" } })).entries;
  expect(entry!.event).toMatchObject({
    origin: "frozen.example.com/shop/default",
    actor: { id: "3", name: "Person 3" },
    changed: ["/state"],
  });
  expect(await trail.record("order.placed", { actor: clerk, data: { number: 301 } })).toMatchObject({ seq: 301 });
  await trail.close();
  const numbers = orderNumbers(await readShop(file), "order.placed");
  expect(numbers).toEqual([...Array.from({ length: 300 }, (_, number) => number), 301]);
});

test.for(versions)("the hours of a trail of %s are counted as its entries say", async (name) => {
  const file = thaw(name);
  const trail = await openShop(file);
  const days = await trail.count("-op:read log:order", { by: ["op", "severity", "outcome"], bucket: "day" });
  expect(days.reduce((sum, { count }) => sum + count, 0)).toBe(301);
  expect(new Set(days.map(({ keys }) => keys.slice(1).join()))).toEqual(
    new Set(["create,info,success", "update,info,success"]),
  );
  await trail.close();
  checkSqliteFile(file);
});

test.for(versions)("a trail of %s opens though an entry's text is none any more", async (name) => {
  const file = thaw(name);
  const connection = new DatabaseSync(file);
  connection.exec("DROP TRIGGER auditrail_entry_no_update");
  connection.prepare("UPDATE auditrail_entry SET entry = 'no event' WHERE key = ?").run(2 ** 32 + 7);
  connection.close();
  const trail = await openShop(file);
  expect((await trail.count(""))[0]!.count).toBe(301);
  await trail.close();
});

test.for(versions)("a trail of %s has the tables of a new one, once it was opened", async (name) => {
  const [file, fresh] = [thaw(name), join(temporaryDirectory(), "new.db")];
  for (const each of [file, fresh]) await (await openShop(each)).close();
  expect(schemaOf(file), "until the first release: run node library/test/migrations/make-version.ts again").toEqual(
    schemaOf(fresh),
  );
});
