import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as driver } from "playwright-core";
import { expect, test } from "vitest";

import { installCapture } from "../../src/capture/sqlite-triggers/index.ts";
import {
  appendObservation,
  assessCoverage,
  formatCoverageHtml,
  readObservations,
  type CoverageReport,
} from "../../src/coverage/index.ts";
import { runCli } from "../cli/run-cli.ts";
import { item, openShop, tables } from "./shop.ts";

const inventory = [
  item("/done", { runs: 1 }),
  item("/streaks", { runs: 0 }),
  item("button claim:<id>", { kind: "button", runs: 1 }),
  item("step add-habit/weight", { kind: "step", runs: 0 }),
  item("GET /health", { kind: "route", captured: false, excluded: "only a load balancer asks" }),
];

/** A run with one of everything that a report can tell. */
async function runShop() {
  const shop = await openShop();
  const { database, trail, handle, look, file } = shop;
  await handle("/done", () => {
    database.exec("INSERT INTO rewards VALUES (1, 4); INSERT INTO habits VALUES (1, 'read')");
    trail.in(database).recordSync("habit.completed", { target: { type: "habit", id: "1" } });
  });
  const directory = dirname(file);
  const write = async (name: string): Promise<void> => appendObservation(join(directory, name), await look(inventory));
  return { ...shop, directory, write };
}

async function runSpoiltShop() {
  const shop = await runShop();
  shop.database.exec("UPDATE rewards SET pieces = 0; CREATE TABLE achievements (id INTEGER PRIMARY KEY)");
  await shop.write("run.jsonl");
  return shop;
}

test("coverage --fail-on-gap ends with 1 for a table without capture, and with 0 once it is excluded with a reason", async () => {
  const { database, directory, handle, write } = await runShop();
  await handle("button claim:<id>", () => undefined);
  database.exec("CREATE TABLE achievements (id INTEGER PRIMARY KEY)");
  await write("before.jsonl");
  const before = await runCli(["coverage", "before.jsonl", "--fail-on-gap"], { directory });
  expect(before.code).toBe(1);
  expect(before.stdout).toContain(
    "✗ table achievements\n    nobody decided whether its changes are captured: name it in `tables`",
  );
  installCapture(database, { tables: { ...tables, achievements: { exclude: "texts that ship with the program" } } });
  await write("after.jsonl");
  const after = await runCli(["coverage", "after.jsonl", "--fail-on-gap"], { directory });
  expect(after.stdout).toContain("✓ No gap. 2 did not run, so nothing was shown of them.");
  expect(after.code).toBe(0);
  expect((await runCli(["coverage", "after.jsonl", "--fail-on-unexercised"], { directory })).code).toBe(1);
});

test("without --fail-on-gap a gap is told and ends with 0", async () => {
  const { directory } = await runSpoiltShop();
  const { code, stdout } = await runCli(["coverage", "run.jsonl"], { directory });
  expect({ code, stdout: stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "<time>") }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stdout": "9 items against 5 entries of 1 run

    recorded       2  █████████
    excluded       2  █████████
    not exercised  2  █████████
    gap            3  █████████████

    Silent writes: rows changed, and no event of the operation speaks of it
    TABLE    CHANGE  ROWS  WHY                            THE FIRST
    rewards  update     1  made outside of any operation  rewards/1, <time>, entry 4

    Gaps
    ✗ button claim:<id>
        it ran once and was not recorded
    ✗ table achievements
        nobody decided whether its changes are captured: name it in \`tables\`
    ✗ table rewards
        no event speaks of 1 of its 2 changes

    Not exercised
    KIND     NAME
    command  /streaks
    step     step add-habit/weight

    ✗ 3 gaps.
    ",
    }
  `);
});

test("--all lists what is recorded and excluded, --json is the report", async () => {
  const { directory } = await runSpoiltShop();
  const all = await runCli(["coverage", "run.jsonl", "--all"], { directory });
  expect(all.stdout).toMatch(/command +\/done +1 +bot\.command, habit\.completed → habits, rewards/);
  expect(all.stdout).toMatch(/route +GET \/health +only a load balancer asks/);
  const json = await runCli(["coverage", "run.jsonl", "--json"], { directory });
  const report = JSON.parse(json.stdout) as CoverageReport;
  expect(report).toEqual(assessCoverage(readObservations(join(directory, "run.jsonl"))));
});

test("a running application is looked at in its own file: its tables, its silent writes", async () => {
  const { directory, file, trail } = await runSpoiltShop();
  await trail.flush();
  const { code, stdout } = await runCli(["coverage", "--store", file, "--fail-on-gap"], { directory });
  expect(code).toBe(1);
  expect(stdout).toContain("✗ table achievements");
  expect(stdout).toContain("made outside of any operation");
  expect(stdout).toMatch(/On nobody's list.*\n.*\n\/done +1 +bot\.command, habit\.completed/);
  const joined = await runCli(["coverage", "run.jsonl", "--database", file, "--json"], { directory });
  expect(
    (JSON.parse(joined.stdout) as CoverageReport).lines.filter(({ name }) => name === "achievements"),
  ).toHaveLength(1);
});

test.each([
  [["coverage", "nothing.jsonl"], 1, "no such file"],
  [["coverage", "run.jsonl", "--database", "nothing.db"], 1, "there is no such file"],
  [["coverage"], 66, "auditrail.db"],
])("%s says what is missing", async (args, code, message) => {
  const { directory } = await runSpoiltShop();
  const run = await runCli(args, { directory });
  expect(run.stderr).toContain(message);
  expect(run.code).toBe(code);
});

test("the page shows every item, runs nothing, loads nothing, and filters by state", async () => {
  const { directory, database, write } = await runSpoiltShop();
  database.exec(`CREATE TABLE "<img src=x onerror=alert(1)>" (a)`);
  await write("run.jsonl");
  expect((await runCli(["coverage", "run.jsonl", "--html", "report.html", "--fail-on-gap"], { directory })).code).toBe(
    1,
  );
  expect((await runCli(["coverage", "run.jsonl", "--html", "report.html"], { directory })).stderr).toContain("--force");
  const html = readFileSync(join(directory, "report.html"), "utf8");
  expect(html).not.toMatch(/<script|<img|https?:/);
  const browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1120, height: 900 }, colorScheme: "light" });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${join(directory, "report.html")}`);
    const { lines } = assessCoverage(readObservations(join(directory, "run.jsonl")));
    expect(await page.locator(".kind .name").allTextContents()).toEqual(
      expect.arrayContaining(lines.map(({ name }) => name)),
    );
    expect(await page.locator(".silent").textContent()).toContain("rewards/1");
    await page.getByLabel("excluded").check();
    const shown = await page.locator(".kind tbody tr:visible .name").allTextContents();
    expect(shown.toSorted()).toEqual(["GET /health", "cache"]);
    expect(asked).toHaveLength(1);
  } finally {
    await browser.close();
  }
});

test("a page without gaps says so, and an empty report is a page too", () => {
  const empty = assessCoverage([]);
  expect(formatCoverageHtml(empty, { title: "Nothing <yet>" })).toContain("<title>Nothing &lt;yet&gt;</title>");
  expect(formatCoverageHtml(empty)).toContain("<strong>No gap</strong>");
});
