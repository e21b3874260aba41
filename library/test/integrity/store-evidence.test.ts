import { DatabaseSync } from "node:sqlite";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { verifyTrail, type VerificationReport } from "../../src/integrity/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { classesOf, policy, recordSample, sampleSize, storeOrigin, tenant } from "./sample-trail.ts";

const directory = mkdtempSync(join(tmpdir(), "auditrail-verify-"));
const sample = join(directory, "sample.db");

beforeAll(async () => {
  const store = await openSqliteStore({ file: sample, createIfMissing: true, origin: storeOrigin, threads: false });
  await recordSample(store as never);
  await store.close();
  const connection = new DatabaseSync(sample);
  connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  connection.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Verifies a copy of the sample into which somebody wrote who knows about triggers and checks. */
async function verifyTampered(sql: string): Promise<VerificationReport> {
  const file = join(directory, "tampered.db");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  copyFileSync(sample, file);
  const connection = new DatabaseSync(file);
  const triggers = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string;
  }[];
  connection.exec("PRAGMA ignore_check_constraints = ON");
  for (const { name } of triggers) connection.exec(`DROP TRIGGER ${name}`);
  connection.exec(sql);
  connection.close();
  return verify(file);
}

async function verify(file: string): Promise<VerificationReport> {
  const store = await openSqliteStore({ file, readOnly: true, threads: false });
  try {
    return await verifyTrail(await openStoreEvidence(store as never, tenant), policy);
  } finally {
    await store.close();
  }
}

test("a SQLite trail that is as it was written is verified, columns, targets, counts and words included", async () => {
  const report = await verify(sample);
  expect(report).toMatchObject({ verdict: "verified", size: sampleSize, provenSize: 290, positions: [], findings: [] });
});

test("a SQLite trail that grows before every single read of it is verified as far as it went when it was opened", async () => {
  const file = join(directory, "growing.db");
  copyFileSync(sample, file);
  const store = await openSqliteStore({ file, threads: false });
  const trail = await openTrail({ catalogue: openCatalogue(), store, exitHooks: false });
  const growing = new Proxy(store, {
    get(target, name: keyof typeof store) {
      const read = target[name];
      if (typeof read !== "function") return read;
      return async (...parameters: never[]) => {
        await trail.record("order.placed", { actor: { type: "user", id: "u1" } });
        return (read as (...all: never[]) => unknown)(...parameters);
      };
    },
  });
  const report = await verifyTrail(await openStoreEvidence(growing as never, tenant), policy);
  await trail.close();
  expect(report).toMatchObject({ verdict: "verified", size: sampleSize + 1, positions: [], findings: [] });
});

describe("derived columns", () => {
  const key = "(SELECT number << 32 FROM auditrail_trail WHERE tenant = 'default') + 42";
  test.each([
    ["time", `UPDATE auditrail_entry SET time = time + 1 WHERE key = ${key}`],
    ["action", `UPDATE auditrail_entry SET action = 'order.paid' WHERE key = ${key}`],
    ["log", `UPDATE auditrail_entry SET log = 'email' WHERE key = ${key}`],
    ["outcome", `UPDATE auditrail_entry SET outcome = 'failure' WHERE key = ${key}`],
    ["actor_type", `UPDATE auditrail_entry SET actor_type = 'job' WHERE key = ${key}`],
    ["actor_id", `UPDATE auditrail_entry SET actor_id = NULL WHERE key = ${key}`],
    ["operation", `UPDATE auditrail_entry SET operation = 'x' WHERE key = ${key}`],
    ["event_id", `UPDATE auditrail_entry SET event_id = zeroblob(16) WHERE key = ${key}`],
    ["trail", `UPDATE auditrail_entry SET trail = 7 WHERE key = ${key}`],
    ["target", `UPDATE auditrail_target SET id = 'o43' WHERE key = ${key}`],
    ["target", `DELETE FROM auditrail_target WHERE key = ${key}`],
    [
      "target",
      `INSERT INTO auditrail_target SELECT trail, id || 'x', type, time, key FROM auditrail_target WHERE key = ${key}`,
    ],
    ["text", `DELETE FROM auditrail_text WHERE rowid = ${key}`],
    [
      "text",
      `DELETE FROM auditrail_text WHERE rowid = ${key}; INSERT INTO auditrail_text (rowid, words) VALUES (${key}, 'nothing to see')`,
    ],
  ])("a changed %s is named", async (column, sql) => {
    const report = await verifyTampered(sql);
    const found = report.positions.filter(({ reason }) => reason === "COLUMN_CHANGED");
    expect(report.verdict).toBe("tampered");
    expect(found.map(({ from, detail }) => ({ from, detail }))).toContainEqual({ from: 42, detail: column });
  });
});

describe("what is derived from all entries", () => {
  test.each([
    ["hourly counts", "UPDATE auditrail_tally SET entries = entries + 1"],
    ["hourly counts", "DELETE FROM auditrail_tally"],
    ["hourly counts of logs", "UPDATE auditrail_tally_log SET entries = entries + 1"],
    [
      "targets",
      "INSERT INTO auditrail_target SELECT trail, 'x', 'y', 0, key + 1000 FROM auditrail_entry ORDER BY key DESC LIMIT 1",
    ],
    [
      "sealed parts",
      "INSERT INTO auditrail_sealed SELECT key + 1000, 0, 'user/1', zeroblob(16), x'00' FROM auditrail_entry ORDER BY key DESC LIMIT 1",
    ],
    [
      "word index",
      "INSERT INTO auditrail_text (rowid, words) SELECT key + 1000, 'anna' FROM auditrail_entry ORDER BY key DESC LIMIT 1",
    ],
    [
      "tiles lie beyond",
      "INSERT INTO auditrail_tile SELECT trail, level, number + 1, root, hashes FROM auditrail_tile",
    ],
    ["legal holds", "INSERT INTO auditrail_hold SELECT key, trail, 'h', NULL, NULL FROM auditrail_entry LIMIT 1"],
    ["origin", "UPDATE auditrail_trail SET origin = 'auditrail.example/other'"],
    ["last written", "UPDATE auditrail_trail SET recorded_at = recorded_at + 1"],
  ])("%s", async (words, sql) => {
    const report = await verifyTampered(sql).catch((error: unknown) => error as { code: string; message: string });
    // A trail of another origin is not one that the policy is for.
    if ("code" in report) return expect(report.code).toBe("VERIFY_ORIGIN_MISMATCH");
    expect(report.verdict).toBe("tampered");
    expect(report.findings.map(({ says }) => says).join()).toContain(words);
  });
});

describe("the tree in the database", () => {
  test.each([
    [
      "entry",
      "UPDATE auditrail_entry SET entry = replace(entry, 'o42', 'o43') WHERE key & 4294967295 = 42",
      { 42: "LEAF_HASH_CHANGED" },
    ],
    [
      "leaf hash",
      "UPDATE auditrail_entry SET hash = zeroblob(32) WHERE key & 4294967295 = 42",
      { 42: "LEAF_HASH_CHANGED" },
    ],
    [
      "leaf hash at the right edge",
      "UPDATE auditrail_entry SET hash = zeroblob(32) WHERE key & 4294967295 = 270",
      { 270: "LEAF_HASH_CHANGED" },
    ],
    [
      "sealed part",
      "UPDATE auditrail_sealed SET bytes = x'00' WHERE key & 4294967295 = 57",
      { 57: "SEALED_PART_CHANGED" },
    ],
    [
      "sealed part that is gone",
      "DELETE FROM auditrail_sealed WHERE key & 4294967295 = 57",
      { 57: "SEALED_PART_MISSING" },
    ],
    ["entry that is gone", "DELETE FROM auditrail_entry WHERE key & 4294967295 = 42", { 42: "ENTRY_MISSING" }],
    // With it went its leaf hash, which no tile has yet: its neighbours cannot be shown to be right.
    [
      "entry that is gone at the right edge",
      "DELETE FROM auditrail_entry WHERE key & 4294967295 = 270",
      { 270: "ENTRY_MISSING", 269: "ENTRY_UNPROVEN" },
    ],
  ])("a changed %s", async (_, sql, expected) => {
    const report = await verifyTampered(sql);
    expect(report.verdict).toBe("tampered");
    expect(classesOf(report)).toMatchObject(expected);
  });

  test.each([
    ["TILE_CHANGED", "UPDATE auditrail_tile SET hashes = zeroblob(8192)"],
    ["TILE_CHANGED", "UPDATE auditrail_tile SET root = zeroblob(32)"],
    ["TILE_MISSING", "DELETE FROM auditrail_tile"],
    ["EDGE_CHANGED", "UPDATE auditrail_trail SET edge = zeroblob(length(edge))"],
    ["SIZE_CHANGED", "UPDATE auditrail_trail SET size = 299"],
    ["CHECKPOINT_CHANGED", "UPDATE auditrail_checkpoint SET size = 2 WHERE size = 1"],
    ["CHECKPOINT_CHANGED", "UPDATE auditrail_checkpoint SET root = zeroblob(32) WHERE size = 1"],
    ["CHECKPOINT_MALFORMED", "UPDATE auditrail_checkpoint SET note = 'nothing' WHERE size = 1"],
  ])("%s", async (reason, sql) => {
    const report = await verifyTampered(sql);
    expect(report.verdict).toBe("tampered");
    expect(report.findings.map((finding) => finding.reason)).toContain(reason);
  });
});

describe("every bit of the columns beside an entry", () => {
  test("is told of, but for the time of recording, which no byte of the entry says", { timeout: 60_000 }, async () => {
    const file = join(directory, "bits.db");
    copyFileSync(sample, file);
    const connection = new DatabaseSync(file, { readBigInts: true });
    connection.exec(
      "PRAGMA synchronous = OFF; DROP TRIGGER auditrail_entry_no_update; PRAGMA ignore_check_constraints = ON",
    );
    const store = await openSqliteStore({ file, readOnly: true, threads: false });
    const row = connection.prepare("SELECT * FROM auditrail_entry WHERE key & 4294967295 = 42").get() as Record<
      string,
      bigint | string | Uint8Array | null
    >;
    const unnoticed: string[] = [];
    for (const column of ["trail", "event_id", "time", "log", "action", "outcome", "actor_type", "actor_id"]) {
      const set = connection.prepare(
        `UPDATE auditrail_entry SET ${column} = ${typeof row[column] === "string" ? "CAST(? AS TEXT)" : "?"} WHERE key = ?`,
      );
      for (const [bit, value] of flips(row[column]!).entries()) {
        set.run(value, row["key"] as bigint);
        if ((await store.checkDerived!(tenant, 42, 43)).length === 0) unnoticed.push(`${column} bit ${bit}`);
      }
      set.run(row[column]!, row["key"] as bigint);
    }
    expect(await store.checkDerived!(tenant, 42, 43)).toEqual([]);
    await store.close();
    connection.close();
    expect(unnoticed).toEqual([]);
  });

  test("a number that no driver gives as one makes its entry unreadable, and the others stay as they are", async () => {
    const report = await verifyTampered(
      "UPDATE auditrail_entry SET recorded_at = 9223372036854775807 WHERE key & 4294967295 = 42",
    );
    expect(report).toMatchObject({ verdict: "tampered", counts: { ALTERED: 2 } });
    // The next one was recorded before it, as it seems.
    expect(classesOf(report)).toEqual({ 42: "ENTRY_UNREADABLE", 43: "COLUMN_CHANGED" });
  });
});

/** The value with each of its bits changed. */
function flips(value: bigint | string | Uint8Array): (bigint | Uint8Array)[] {
  if (typeof value === "bigint") return Array.from({ length: 63 }, (_, bit) => value ^ (1n << BigInt(bit)));
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return Array.from({ length: bytes.length * 8 }, (_, bit) =>
    bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
  );
}
