/**
 * Freezes a trail as the present schema keeps it: `node library/test/migrations/make-version.ts` writes
 * `version-<n>.db.gz` beside this file. A frozen version is never made again once it was released: it stands for the files
 * that people have.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";

import { schemaVersion } from "../../src/stores/sqlite/schema.ts";
import { fixedClock } from "../../src/testing/index.ts";
import { clerk, openApplication, openShop } from "../guarantees/shop.ts";

const directory = mkdtempSync(join(tmpdir(), "auditrail-frozen-"));
const file = join(directory, "audit.db");
const clock = fixedClock("2026-01-02T03:04:05Z");
const trail = await openShop(file, { clock, sqlite: { clock, origin: "frozen.example.com/shop" } });

for (let number = 0; number < 300; number += 1) {
  clock.advance(60_000);
  const actor = {
    type: "user",
    id: String(number % 7),
    name: `Person ${number % 7}`,
    email: `person${number % 7}@example.com`,
  };
  await trail.record("order.placed", {
    actor,
    target: { type: "order", id: String(number) },
    data: { number },
    before: { state: "new" },
    after: { state: "placed" },
  });
}
await trail.record("order.viewed", { actor: clerk, tenant: "other", data: { number: 1 } });
const application = openApplication(file);
application.exec("BEGIN IMMEDIATE");
trail.in(application).recordSync("order.paid", { actor: clerk, data: { number: 300 } });
application.exec("COMMIT");
application.close();
await trail.close();

const connection = new DatabaseSync(file);
connection.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM");
connection.close();
const frozen = join(import.meta.dirname, `version-${schemaVersion}.db.gz`);
writeFileSync(frozen, gzipSync(readFileSync(file), { level: 9 }));
rmSync(directory, { recursive: true });
process.stdout.write(`${frozen}\n`);
