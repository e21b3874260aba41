import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { jsonLines, makeDirectory, runCli } from "./run-cli.ts";
import { makeSample, mira, openSample } from "./sample-trail.ts";

async function makePatient(): Promise<{ readonly directory: string; readonly file: string }> {
  const directory = makeDirectory();
  const file = await makeSample(directory);
  chmodSync(file, 0o600);
  return { directory, file };
}

async function examine(directory: string, ...args: readonly string[]) {
  const { code, stdout } = await runCli(["doctor", "--json", ...args], { directory });
  const findings = jsonLines(stdout) as unknown as { check: string; state: string; says: string; todo?: string }[];
  return { code, findings, bad: findings.filter(({ state }) => state !== "ok") };
}

/** Somebody with the file and a SQLite shell: takes the triggers away, changes, and puts them back. */
function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  database.exec(sql);
  for (const trigger of triggers) database.exec(trigger.sql);
  database.close();
}

test("a healthy trail has nothing to complain of", async () => {
  const { directory } = await makePatient();
  const { code, findings, bad } = await examine(directory);
  expect(bad).toEqual([]);
  expect(code).toBe(0);
  expect(findings.map(({ check }) => check)).toEqual([
    "node",
    "sqlite",
    "file",
    "integrity",
    "schema",
    "catalogue",
    "entries",
    "counts",
    "gaps",
    "writing",
    "spool",
  ]);
  const { stdout } = await runCli(["doctor", "--quick"], { directory });
  expect(stdout.split("\n").every((line) => line === "" || line.startsWith("✓ "))).toBe(true);
});

const changes: readonly (readonly [what: string, sql: string, says: RegExp])[] = [
  [
    "an entry's text",
    `UPDATE auditrail_entry SET entry = replace(entry, '"20.00"', '"2.00"')`,
    /hash.*: 1, first at position 3/,
  ],
  [
    "an entry's outcome in the column that queries read",
    `UPDATE auditrail_entry SET outcome = 'success' WHERE outcome = 'failure'`,
    /columns were changed.*position 2/,
  ],
  ["a target", `DELETE FROM auditrail_target WHERE id = '1043'`, /columns were changed.*position 4/],
  [
    "the order of two entries",
    `UPDATE auditrail_entry SET key = key + 100 WHERE key % 4294967296 = 1`,
    /are missing: 97, first at position 1/,
  ],
  [
    "the last entry, removed",
    `DELETE FROM auditrail_entry WHERE key % 4294967296 = 4`,
    /are missing: 1, first at position 4/,
  ],
  [
    "an entry, removed from the middle",
    `DELETE FROM auditrail_entry WHERE key % 4294967296 = 2`,
    /are missing: 1, first at position 2/,
  ],
  [
    "the personal data beside an entry",
    `UPDATE auditrail_sealed SET bytes = CAST('{"actor":{"name":"Nobody"}}' AS BLOB) WHERE part = 0`,
    /personal data/,
  ],
  [
    "the time of recording",
    `UPDATE auditrail_entry SET recorded_at = 1 WHERE key % 4294967296 = 3`,
    /earlier time of recording/,
  ],
  [
    "the counts that reports are answered from",
    `UPDATE auditrail_tally SET entries = entries + 1`,
    /counts by action do not fit/,
  ],
];

test.for(changes)("%s was changed: that is seen, and ends with 2", async ([, sql, says]) => {
  const { directory, file } = await makePatient();
  tamper(file, sql);
  const { code, bad } = await examine(directory);
  expect(code).toBe(2);
  expect(
    bad
      .filter(({ state }) => state === "tampered")
      .map((finding) => finding.says)
      .join("\n"),
  ).toMatch(says);
  expect(bad.every(({ todo }) => todo !== undefined)).toBe(true);
});

test("an entry that was exchanged together with its hash does not fit the tree", async () => {
  const { directory, file } = await makePatient();
  const database = new DatabaseSync(file);
  const { entry } = database.prepare("SELECT entry FROM auditrail_entry WHERE key % 4294967296 = 3").get() as {
    entry: string;
  };
  database.close();
  const forged = entry.replace("ticket 331", "ticket 332");
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(`\0${forged}`))).toString("hex");
  tamper(
    file,
    `UPDATE auditrail_entry SET entry = '${forged.replaceAll("'", "''")}', hash = x'${hash}' WHERE key % 4294967296 = 3`,
  );
  const { code, bad } = await examine(directory);
  expect([code, bad.map(({ says }) => says).join()]).toEqual([2, expect.stringContaining("Merkle tree")]);
});

test("a trigger that was taken away is missed", async () => {
  const { directory, file } = await makePatient();
  const database = new DatabaseSync(file);
  database.exec("DROP TRIGGER auditrail_entry_no_update");
  database.close();
  const { code, bad } = await examine(directory);
  expect([code, bad[0]?.says]).toEqual([2, expect.stringContaining("auditrail_entry_no_update")]);
});

test("a damaged file is told apart from a changed one", async () => {
  const { directory, file } = await makePatient();
  const database = new DatabaseSync(file);
  const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'auditrail_entry'").get() as {
    rootpage: number;
  };
  database.close();
  const bytes = readFileSync(file);
  bytes.fill(0x5a, (rootpage - 1) * 4096, (rootpage - 1) * 4096 + 64);
  writeFileSync(file, bytes);
  const { code, bad } = await examine(directory);
  expect(code).toBe(1);
  expect(bad.map(({ check, state }) => [check, state])).toContainEqual(["integrity", "problem"]);
});

test("a foreign file, a newer trail and no trail at all are called what they are", async () => {
  const { directory, file } = await makePatient();
  const database = new DatabaseSync(file);
  database.exec("UPDATE auditrail_meta SET value = '99' WHERE name = 'schema_version'");
  database.close();
  expect(await examine(directory)).toMatchObject({
    code: 1,
    bad: [{ check: "trail", says: expect.stringContaining("version 99") as string }],
  });
  writeFileSync(file, "no database ".repeat(500));
  expect(await examine(directory)).toMatchObject({
    code: 1,
    bad: [{ check: "trail", says: expect.stringContaining("not a SQLite database") as string }],
  });
  expect((await examine(directory, "--store", "nowhere.db")).code).toBe(66);
});

test("files that everybody may write, spools that wait and events without actors are pointed out", async () => {
  const { directory, file } = await makePatient();
  await runCli(["record", "order.placed", "total=1.00"], { directory });
  chmodSync(file, 0o666);
  writeFileSync(join(directory, "host-1-x.00000000.spool"), "");
  const { code, bad } = await examine(directory);
  expect(bad.map(({ check, state }) => `${check} ${state}`)).toEqual(["file problem", "gaps warning", "spool warning"]);
  expect(code).toBe(1);
});

test("what retention removed, and erasure erased, is no gap", async () => {
  const directory = makeDirectory();
  const { file, trail } = await openSample(directory);
  for (let number = 0; number < 300; number += 1)
    await trail.record("order.placed", { actor: mira, data: { total: String(number) } });
  await trail.close();
  chmodSync(file, 0o600);
  const first = 2 ** 32;
  const prune = `DELETE FROM auditrail_target WHERE key < ${first} + 256; DELETE FROM auditrail_sealed WHERE key < ${first} + 256;
    DELETE FROM auditrail_text WHERE rowid < ${first} + 256; DELETE FROM auditrail_entry WHERE key < ${first} + 256;
    UPDATE auditrail_tally SET entries = entries - 256; UPDATE auditrail_tally_log SET entries = entries - 256;
    DELETE FROM auditrail_sealed WHERE key = ${first} + 299`;
  tamper(file, prune);
  expect((await examine(directory)).bad.map(({ says }) => says)).toEqual([
    "trail default: entries that are missing: 256, first at position 0",
    "trail default: entries that lack personal data that no erasure accounts for: 1, first at position 299",
  ]);
  const announce = (columns: string, values: string) =>
    `INSERT INTO auditrail_erasure (by, trail, first, until, ${columns}) VALUES (${first} + 298, 1, ${values});`;
  tamper(
    file,
    announce("part", `${first} + 299, ${first} + 300, 0`) + announce("part", `${first}, ${first} + 256, NULL`),
  );
  const { code, findings, bad } = await examine(directory);
  expect([code, bad]).toEqual([0, []]);
  expect(findings.find(({ check }) => check === "entries")?.says).toMatch(
    /^trail default: 44 entries and 256 removed by retention; .* 1 sealed part erased$/,
  );
});
