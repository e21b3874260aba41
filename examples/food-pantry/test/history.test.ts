/** A pantry's history, made by the real code: every question has the answer that the pantry's own tables give. */

import { execFile, execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { renderSentence, type Entry } from "auditrail";
import { fixedClock } from "auditrail/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

import { catalogue } from "../catalogue.ts";
import { readAccount } from "../domain/balance.ts";
import { openPantry, type Pantry } from "../domain/pantry.ts";
import { deleteParticipant } from "../domain/participants.ts";
import { readPerson } from "../domain/people.ts";
import { runStatement } from "../domain/statements.ts";
import { formatMoney } from "../rules/money.ts";
import { seedPantry } from "../seed/half-year.ts";
import type { Tally } from "../seed/tally.ts";
import { demoPassword } from "../seed/visits.ts";
import { openAuditDesk } from "../web/audit-desk.ts";
import { reports } from "../web/reports.ts";
import { rebuildBalances } from "./rebuild-balances.ts";

/** `PANTRY_HISTORY=whole` asks the same of the whole half-year. */
const isWhole = process.env["PANTRY_HISTORY"] === "whole";
const until = new Date("2026-11-20T18:30:00Z");
const today = "2026-11-20";
const monday = "2026-11-16";
const size = isWhole ? {} : { participants: 30, weeks: 9 };
const program = fileURLToPath(new URL("bin/auditrail.js", import.meta.resolve("auditrail/package.json")));

const directory = mkdtempSync(join(tmpdir(), "pantry-history-"));
const file = join(directory, "pantry.db");
let tally: Tally;
let pantry: Pantry;

beforeAll(async () => {
  tally = await seedPantry({ file, until, ...size });
  pantry = await openPantry({ file, clock: fixedClock(until), zone: "UTC", passwordCostLog2: 4 });
}, 600_000);
afterAll(async () => {
  await pantry.close();
  rmSync(directory, { recursive: true, force: true });
});

async function entriesOf(query: string): Promise<Entry[]> {
  const found: Entry[] = [];
  const order = { by: "seq", direction: "oldest" } as const;
  for await (const entry of pantry.trail.entries(query, { order, limit: 500 })) found.push(entry);
  return found;
}

async function counts(query: string, by: readonly string[]): Promise<Record<string, number>> {
  const rows = await pantry.trail.count(query, { by });
  return Object.fromEntries(rows.map(({ keys, count }) => [keys.join(" "), count]));
}

/** Counts of the pantry's own tables. */
function rows(sql: string): Record<string, number> {
  const found = pantry.database.prepare(sql).all() as { name: string; count: number }[];
  return Object.fromEntries(found.map(({ name, count }) => [name, count]));
}

function countBy(names: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const name of names) counted[name] = (counted[name] ?? 0) + 1;
  return counted;
}

const report = (title: string) => reports.find((each) => each.title === title)!;

test("every balance can be reckoned from the voucher log alone, and each step adds up", async () => {
  let steps = 0;
  const rebuilt = rebuildBalances(await entriesOf("log:voucher"), ({ event, seq }, before, after) => {
    steps += 1;
    expect({ seq, ...(event.before as object) }).toMatchObject({
      seq,
      balance: before.full,
      available: before.available,
    });
    expect({ seq, ...(event.after as object) }).toMatchObject({ seq, balance: after.full, available: after.available });
  });
  const participants = pantry.sql.all<{ number: string }>`SELECT number FROM participant`;
  for (const { number } of participants) {
    const { full, available, hygiene } = readAccount(pantry, number).balances;
    expect(rebuilt(number, until.toISOString()), number).toEqual({
      ...{ full: formatMoney(full), available: formatMoney(available), hygiene: formatMoney(hygiene) },
    });
  }
  expect(steps).toBeGreaterThan(200);
  expect(participants.length).toBeGreaterThanOrEqual(30);
});

test("failed mails today, and mail delivery by type, are what the outbox holds", async () => {
  const failedToday = await counts("action:email.sent outcome:failure time:today", ["data.type"]);
  expect(failedToday).toEqual(
    rows(
      `SELECT type AS name, count(*) AS count FROM mail WHERE status = 'failed' AND finishedAt >= '${today}' GROUP BY type`,
    ),
  );
  const byType = await counts(report("Mail delivery by type").query, ["data.type", "outcome"]);
  expect(byType).toEqual(
    rows(`SELECT type || CASE status WHEN 'sent' THEN ' success' ELSE ' failure' END AS name, count(*) AS count
      FROM mail GROUP BY type, status`),
  );
  const delivered = await counts("action:email.delivered,email.bounced,email.complained", ["action"]);
  expect(delivered).toEqual(
    rows(
      "SELECT 'email.' || delivery AS name, count(*) AS count FROM mail WHERE delivery <> 'unknown' GROUP BY delivery",
    ),
  );
  expect(Object.keys(byType).some((name) => name.endsWith("failure"))).toBe(true);
});

test("orders by result and validation errors are what participants were told", async () => {
  const placedToday = tally.orders.filter(({ at }) => at.toISOString() >= today);
  const confirmedToday = rows(
    `SELECT 'validated' AS name, count(*) AS count FROM customerOrder WHERE changedAt >= '${today}' AND state = 'confirmed'`,
  );
  const told = countBy(placedToday.map(({ rules }) => (rules.length === 0 ? "validated" : "failed")));
  const { query, by } = report("Orders by result today");
  const { validated = 0, failed = 0 } = await counts(query, by);
  expect(failed).toBe(
    (told["failed"] ?? 0) + tally.failedConfirmations.filter(({ at }) => at.toISOString() >= today).length,
  );
  const judgedTwice = await pantry.trail.count(`action:order.confirmed time:today`);
  expect(validated).toBe((told["validated"] ?? 0) + judgedTwice[0]!.count);
  expect(judgedTwice[0]!.count).toBeGreaterThanOrEqual(confirmedToday["validated"]!);

  const week = tally.orders.filter(({ at }) => at.toISOString() >= monday);
  const errors = report("Validation errors this week");
  expect(await counts(errors.query, errors.by)).toEqual(countBy(week.flatMap(({ rules }) => [...new Set(rules)])));
  const turnedDown = tally.orders.filter(({ rules }) => rules.length > 0);
  expect(turnedDown.length).toBeGreaterThan(5);
  const kept = await entriesOf("action:order-validation.failed");
  expect(kept.map(({ event }) => event.targets![0]!.id).sort()).toEqual(
    [...turnedDown, ...tally.failedConfirmations].map(({ number }) => number).sort(),
  );
  // None of them is in the pantry's tables, unless it was confirmed that failed.
  for (const { number } of turnedDown)
    expect(pantry.sql.get<object>`SELECT 1 FROM customerOrder WHERE number = ${number}`, number).toBeUndefined();
});

test("a failed order keeps its cart, the balances and every objection of that moment", async () => {
  const failed = tally.orders.find(({ rules }) => rules.length >= 3)!;
  const [entry] = await entriesOf(`action:order-validation.failed target:order/${failed.number}`);
  const data = entry!.event.data as unknown as {
    rules: string[];
    messages: string[];
    cart: { quantity: number }[];
    balances: object;
  };
  expect(data.rules).toEqual(failed.rules);
  expect(data.messages).toHaveLength(failed.rules.length);
  expect(data.cart.length).toBeGreaterThan(0);
  expect(data.balances).toMatchObject({
    full: expect.any(String),
    available: expect.any(String),
    hygiene: expect.any(String),
  });
});

test("failed sign-ins are there with the name that was tried", async () => {
  const failed = await entriesOf("action:sign-in.failed");
  expect(failed.map(({ event }) => (event.data as { name: string }).name)).toEqual(
    tally.failedSignIns.map(({ login }) => login),
  );
  expect(failed.length).toBeGreaterThan(0);
});

test("all that one user did today is what the tables say of today", async () => {
  const { id } = readPerson(pantry, "jo");
  const did = await counts(`actor:user/${id} time:today log:order`, ["action"]);
  const orders = rows(`SELECT 'order.' || state AS name, count(*) AS count FROM customerOrder
    WHERE changedAt >= '${today}T18' AND state IN ('packing', 'completed') GROUP BY state`);
  expect(did).toMatchObject(orders);
  expect(Object.keys(orders).length).toBeGreaterThan(0);
});

test("a voucher's whole history is what became of its row", async () => {
  const voucher = pantry.sql.get<{
    number: number;
    createdAt: string;
    appliedAt: string;
    endedAt: string;
    orderNumber: string;
  }>`SELECT * FROM voucher WHERE state = 'consumed' ORDER BY number DESC LIMIT 1`!;
  const history = (await entriesOf(`target:voucher/V-${voucher.number}`)).filter(
    ({ event }) => event.action !== "voucher.set-for-pause",
  );
  expect(history.map(({ event }) => [event.action, event.occurredAt.slice(0, 23)])).toEqual(
    [
      ["voucher.created", voucher.createdAt],
      ["voucher.applied", voucher.appliedAt],
      ["voucher.consumed", voucher.endedAt],
    ].map(([action, at]) => [action, at!.slice(0, 23)]),
  );
  expect((history.at(-1)!.event.data as { order: string }).order).toBe(voucher.orderNumber);
});

test("what the README asks on the command line is answered", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const commands = [...readme.matchAll(/^npx auditrail (.*)$/gm)].map(([, command]) => command!);
  expect(commands.length).toBeGreaterThanOrEqual(7);
  const answers = await Promise.all(commands.map(async (command) => [command, await answerTo(command)] as const));
  for (const [command, { stderr }] of answers)
    expect(stderr.replace(/^(More: .*|Nothing matches\.)\n/, ""), command).toBe("");
  const answered = (start: string): string => answers.find(([command]) => command.startsWith(start))![1].stdout;
  const { count } = pantry.sql.get<{ count: number }>`SELECT count(*) AS count FROM mail`!;
  expect(answered("report action:email.sent")).toMatch(new RegExp(`total +${count.toLocaleString("en")}`));
  expect(answered("timeline target voucher/")).toContain("Mira Okafor applied voucher V-1: available");
  expect(answered("query 'log:voucher target:participant/")).toContain("voucher.applied");
}, 120_000);

/** With the day and the names of this history in the place of today and the README's. */
function answerTo(command: string) {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
  const said = words.map((word) =>
    word
      .replaceAll("today", today)
      .replaceAll("this-week", `${monday}..${today}`)
      .replace(/V-\d+/, "V-1")
      .replace(/C-[A-Z]{3}-\d/, tally.orders[0]!.participant),
  );
  return promisify(execFile)(process.execPath, [program, ...said, "--store", file]);
}

test("a superuser, the application's connection and a plain one cannot change an entry unnoticed", async () => {
  const tomas = readPerson(pantry, "tomas");
  const actor = { type: "user", id: String(tomas.id), name: tomas.name };
  const before = (await pantry.trail.trails())[0]!.size;
  const statements = [
    "UPDATE auditrail_entry SET outcome = 'success'",
    "DELETE FROM auditrail_entry WHERE action = 'order.cancelled'",
    "DROP TRIGGER auditrail_entry_no_update",
    "ALTER TABLE auditrail_entry RENAME TO gone",
    "PRAGMA writable_schema = ON",
    "ATTACH DATABASE 'elsewhere.db' AS elsewhere",
  ];
  for (const statement of statements) {
    const answer = await pantry.trail.with({ actor }, () => runStatement(pantry, statement, "making it go away"));
    expect(answer.error, statement).toMatch(/not authorized|authorization denied/);
  }
  const attempts = await entriesOf(`action:pantry.statement-run actor:user/${tomas.id}`);
  expect(attempts.map(({ event }) => [event.outcome, (event.data as { statement: string }).statement])).toEqual(
    statements.map((statement) => ["failure", statement]),
  );
  expect(attempts[0]!.seq).toBe(before);
  for (const statement of statements.slice(0, 2))
    expect(() => pantry.database.exec(statement)).toThrow(/auditrail|entries/i);

  const copy = join(directory, "copy.db");
  pantry.database.exec(`VACUUM INTO '${copy}'`);
  expect(doctor(copy).status).toBe(0);
  const plain = new DatabaseSync(copy);
  expect(() => plain.exec("UPDATE auditrail_entry SET outcome = 'success'")).toThrow();
  const triggers = plain
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'auditrail_entry'")
    .all();
  for (const { name } of triggers) plain.exec(`DROP TRIGGER "${String(name)}"`);
  plain.exec(`UPDATE auditrail_entry SET entry = replace(entry, '"applied":"', '"applied":"1')
    WHERE key = (SELECT max(key) FROM auditrail_entry WHERE action = 'voucher.consumed')`);
  plain.close();
  const found = doctor(copy);
  expect(found.status).toBe(2);
  expect(found.stdout).toMatch(/tampered/);
});

function doctor(store: string) {
  return spawnSync(process.execPath, [program, "doctor", "--store", store, "--json"], { encoding: "utf8" });
}

test("who is deleted stays readable in the logs until the personal data is erased, and then every proof still holds", async () => {
  const { participant } = tally.orders.find(({ rules }) => rules.length === 0)!;
  const { name, email } = readAccount(pantry, participant).participant;
  const tomas = readPerson(pantry, "tomas");
  const query = `target:participant/${participant}`;
  pantry.trail.with({ actor: { type: "user", id: String(tomas.id), name: tomas.name } }, () =>
    deleteParticipant(pantry, participant, "moved away"),
  );
  expect(() => readAccount(pantry, participant)).toThrow(/no participant/);
  const told = (await entriesOf(query)).map(sentenceOf);
  expect(told.at(-1)).toBe(`Tomás Herrera deleted participant ${participant}: moved away`);
  expect(told.some((sentence) => sentence.includes(name))).toBe(true);

  const desk = openAuditDesk(pantry, {
    origin: "http://127.0.0.1:1",
    secureCookies: false,
    passwordCostLog2: 4,
    report: () => undefined,
  });
  await desk.erase(`participant/${participant}`, "asked to be forgotten", tomas);
  await desk.close();
  const erased = await entriesOf(query);
  expect(erased).toHaveLength(told.length);
  expect(erased.map(sentenceOf).join("\n")).not.toContain(name);
  expect(erased.some((entry) => sentenceOf(entry).includes(participant))).toBe(true);
  expect(
    bytesOf(directory)
      .filter(({ bytes }) => bytes.includes(email))
      .map((each) => each.name),
  ).toEqual([]);
  expect(doctor(file).status).toBe(0);
});

function sentenceOf({ event }: Entry): string {
  return renderSentence(catalogue.find(event.action).definition.says, event);
}

test("no password, hash or session token is in the logs, the spool or an export", () => {
  const exported = execFileSync(process.execPath, [program, "export", "--store", file], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const secrets = [demoPassword, "not the password", "scrypt$"];
  for (const secret of secrets) expect(exported.includes(secret), secret).toBe(false);
  const person = readPerson(pantry, "mira");
  const session = pantry.sql.get<{ tokenHash: string }>`SELECT tokenHash FROM session LIMIT 1`!;
  for (const secret of [person.passwordHash!, session.tokenHash]) expect(exported.includes(secret)).toBe(false);
  copyFileSync(file, join(directory, "bytes.db"));
  for (const { name, bytes } of bytesOf(directory))
    for (const secret of [demoPassword, "not the password"]) expect(bytes.includes(secret), name).toBe(false);
});

function bytesOf(folder: string): { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.name !== "copy.db")
    .map((each) => ({ name: each.name, bytes: readFileSync(join(each.parentPath, each.name)) }));
}
