import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { afterAll, expect, test } from "vitest";

import { createTestDatabase } from "../../library/test/postgres/test-database.ts";
import { startAll } from "./start-all.ts";

const { url: trailAt, pool } = await createTestDatabase();

const directory = mkdtempSync(join(tmpdir(), "auditrail-start-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("one page links everything that runs, and each link answers", async () => {
  const said: string[] = [];
  const started = await startAll({
    directory,
    port: 0,
    history: { participants: 4, weeks: 1 },
    say: (line) => void said.push(line),
  });
  try {
    expect(said[0]).toContain("Half a year");
    const page = await (await fetch(started.url)).text();
    expect(started.places.map(({ title }) => title)).toEqual([
      "The food pantry",
      "Console of the pantry",
      "Mail of the pantry",
      "The habit bot",
      "Console of the bot",
    ]);
    for (const [index, { title, url }] of started.places.entries()) {
      expect(page, title).toContain(title);
      expect(new URL(url).hostname).toBe("127.0.0.1");
      const opened = await fetch(`${started.url}open/${index}`);
      expect(opened.status, title).toBe(200);
    }
    for (const console of [1, 4]) {
      const link = await fetch(`${started.url}open/${console}`, { redirect: "manual" });
      expect(link.headers.get("location")).toMatch(/\/#hand-over=/);
    }
    const people = started.places.flatMap((place) => place.people ?? []);
    expect(people.map(({ login }) => login)).toEqual(expect.arrayContaining(["mira", "tomas"]));
  } finally {
    await started.close();
  }
}, 120_000);

test("npm start takes up what is there, says where everything is, and ends cleanly with Ctrl-C", async () => {
  const pantry = new DatabaseSync(join(directory, "pantry", "pantry.db"));
  const long = "'2026-01-05T10:00:00.000Z'";
  pantry.exec(`UPDATE customerOrder SET placedAt = ${long}; UPDATE voucher SET createdAt = ${long}`);
  pantry.close();
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
    env: { PATH, AUDITRAIL_DEMO: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = once(child, "exit");
  await expect.poll(() => out, { timeout: 60_000 }).toContain("Ctrl-C ends it.");
  const [, url] = /linked at (\S+)/.exec(out)!;
  expect((await fetch(url!)).status).toBe(200);
  expect(out).not.toContain("Half a year");
  expect(out).toContain('history ends on 2026-01-05, so "today" is empty');
  expect(out).toMatch(/mira +bread-and-roses/);
  child.kill("SIGINT");
  expect({ code: (await ended)[0] as number, err }).toEqual({ code: 0, err: "" });
  await expect(fetch(url!)).rejects.toThrow();
}, 120_000);

test("with the address of a Postgres database the trails of both examples are there, and the consoles read them there", async () => {
  const places = { directory: mkdtempSync(join(directory, "postgres-")), port: 0, trailAt };
  const history = { participants: 2, weeks: 1 };
  const started = await startAll({ ...places, history, say: () => undefined });
  try {
    const sizes = await pool.query(
      "SELECT (SELECT sum(size) FROM pantry.trail) AS pantry, (SELECT max(number) FROM habits.catalogue) AS habits",
    );
    expect(Number(sizes.rows[0].pantry)).toBeGreaterThan(20);
    expect(Number(sizes.rows[0].habits)).toBeGreaterThan(0);
    for (const console of [1, 4]) {
      const link = await fetch(`${started.url}open/${console}`, { redirect: "manual" });
      const [address, token] = link.headers.get("location")!.split("#hand-over=");
      const handed = await fetch(`${address}api/v1/hand-over`, {
        ...{ method: "POST", body: JSON.stringify({ token }) },
        headers: { "content-type": "application/json" },
      });
      const cookie = handed.headers.getSetCookie()[0]!.split(";")[0]!;
      const page = await fetch(`${address}api/v1/entries?query=action:auditrail.signed-in`, { headers: { cookie } });
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("auditrail.signed-in")]);
    }
  } finally {
    await started.close();
  }
}, 120_000);
