import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";

import { collect, jsonLines, makeDirectory, runCli, startCli } from "./run-cli.ts";
import { makeSample } from "./sample-trail.ts";

/** One trail for all tests that only read. */
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "auditrail-cli-commands-"));
  await makeSample(directory);
});

const run = (...args: readonly string[]) => runCli(args, { directory });

describe("query", () => {
  test("lists entries newest first, with what they say, on stdout", async () => {
    const { code, stdout, stderr } = await run("query");
    expect(stdout).toBe(
      [
        "SEQ  TIME                 OUTCOME  ACTOR           ACTION          TARGET      NOTES",
        "  4  2026-11-23 13:41:00  success  李伟            order.placed    order/1043  total: 9.00",
        "  3  2026-11-22 13:41:00  success  Mira Okafor     order.refunded  order 1042  because: broken, ticket 331",
        "  2  2026-11-22 12:11:00  failure  service/mailer  email.sent      order 1042  RangeError: 550 mailbox unavailable",
        "  1  2026-11-22 12:10:00  success  Mira Okafor     order.changed   order 1042  state: placed → paid",
        "  0  2026-11-22 12:00:00  success  Mira Okafor     order.placed    order 1042  total: 84.50",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("takes negated terms as a part of the query, not as options", async () => {
    const { stdout } = await run("query", "log:email", "-outcome:success", "--json");
    expect(jsonLines(stdout).map(({ seq }) => seq)).toEqual([2]);
  });

  test("gives the next page's cursor on stderr and goes on from it", async () => {
    const first = await run("query", "--limit", "2", "--oldest", "--by", "seq", "--json");
    expect(jsonLines(first.stdout).map(({ seq }) => seq)).toEqual([0, 1]);
    const [{ next }] = jsonLines(first.stderr) as [{ next: string }];
    const second = await run("query", "--limit", "2", "--oldest", "--by", "seq", "--json", "--cursor", next);
    expect(jsonLines(second.stdout).map(({ seq }) => seq)).toEqual([2, 3]);
    const text = await run("query", "--limit", "4");
    expect(text.stderr).toMatch(/^More: add --cursor 1_\w+, or --all\.\n$/);
  });

  test("streams all pages with --all", async () => {
    const { stdout, stderr } = await run("query", "--all", "--json", "--oldest");
    expect(jsonLines(stdout)).toHaveLength(5);
    expect(stderr).toBe("");
  });

  test("shows the columns that are asked for, in the zone that is asked for", async () => {
    const { stdout } = await run(
      "query",
      "seq:1",
      "--columns",
      "time,before.state,after.total,ip,sentence",
      "--zone",
      "Asia/Tokyo",
    );
    const lines = stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(["TIME", "BEFORE.STATE", "AFTER.TOTAL", "IP", "WHAT HAPPENED"]);
    expect(lines[1]).toEqual([
      "2026-11-22 21:10:00",
      "placed",
      "84.50",
      "203.0.113.7",
      "Mira Okafor changed order 1042",
    ]);
  });

  test("says on stderr that nothing matches, and that is no failure", async () => {
    expect(await run("query", "actor:user/99")).toEqual({ code: 0, stdout: "", stderr: "Nothing matches.\n" });
    expect(await run("query", "actor:user/99", "--json")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("fits lines into the columns of the terminal, wide characters included", async () => {
    const { stdout } = await runCli(["query"], { directory, env: { COLUMNS: "60" } });
    for (const line of stdout.trimEnd().split("\n"))
      expect(line.replace(/[\u4e00-\u9fff]/g, "xx").length).toBeLessThanOrEqual(60);
    expect(stdout).toContain("Sunday 22 November 2026\n");
    expect(stdout).toContain("…");
  });
});

describe("tail", () => {
  test("shows the latest entries first, as sentences", async () => {
    const child = startCli(["tail", "--lines", "2"], { directory });
    const lines: string[] = [];
    child.stdout!.on("data", (chunk: Buffer) => {
      lines.push(...chunk.toString().trimEnd().split("\n"));
      if (lines.length >= 2) child.kill("SIGINT");
    });
    expect((await collect(child)).code).toBe(130);
    expect(lines).toEqual([
      "    3  2026-11-22 13:41:00  ✓  Mira Okafor refunded order 1042 · because: broken, ticket 331",
      "    4  2026-11-23 13:41:00  ✓  李伟 placed order/1043 for 9.00",
    ]);
  });
});

describe("timeline", () => {
  test("tells the story of a target, with gaps and what changed", async () => {
    const { stdout } = await runCli(["timeline", "target", "order/1042"], { directory, env: { COLUMNS: "80" } });
    expect(stdout).toBe(`order 1042 · order/1042
4 events in 1 h 41 min, times in UTC

Sunday 22 November 2026
  12:00:00  ✓  Mira Okafor placed order 1042 for 84.50           order.placed #0
         │  10 min later
  12:10:00  ✓  Mira Okafor changed order 1042                   order.changed #1
               state: placed → paid
         │  1 min later
  12:11:00  ✗  e-mail to ana@example.com                           email.sent #2
               RangeError: 550 mailbox unavailable
         │  1 h 30 min later
  13:41:00  ✓  Mira Okafor refunded order 1042                 order.refunded #3
               because: broken, ticket 331
`);
  });

  test("gives entries in the order of the story with --json", async () => {
    const { stdout } = await run("timeline", "actor", "user/7", "--json");
    expect(jsonLines(stdout).map(({ seq }) => seq)).toEqual([0, 1, 3]);
  });

  test("takes a reference as it is, whatever the query language would make of it", async () => {
    expect((await run("timeline", "target", "order/* OR log:order")).stderr).toBe("Nothing matches.\n");
  });

  test("refuses another kind of story", async () => {
    const { code, stderr } = await run("timeline", "objective", "order/1");
    expect(code).toBe(64);
    expect(stderr).toContain("actor, target, operation");
  });
});

describe("show", () => {
  test("shows an entry whole, in sections", async () => {
    const { stdout } = await run("show", "1", "--zone", "UTC");
    for (const part of [
      "Entry 1 of trail default",
      "Mira Okafor changed order 1042",
      "✓ success",
      "http  203.0.113.7",
      "state  placed → paid",
      "2026-11-22 12:10:00 UTC",
    ]) {
      expect(stdout).toContain(part);
    }
  });

  test("finds an entry by its id", async () => {
    const [entry] = jsonLines((await run("show", "2", "--json")).stdout) as [{ event: { id: string } }];
    const { stdout } = await run("show", entry.event.id, "--json");
    expect(jsonLines(stdout)).toEqual([entry]);
  });

  test("gives the bytes that are hashed with --raw, without personal data", async () => {
    const { stdout } = await run("show", "1", "--raw");
    const [{ hash }] = jsonLines((await run("show", "1", "--json")).stdout) as [{ hash: string }];
    const bytes = Buffer.concat([Buffer.from([0]), Buffer.from(stdout.trimEnd())]);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
    expect(digest).toBe(hash);
    expect(stdout).not.toContain("Mira");
  });

  test("says where else to look when there is no such entry", async () => {
    const { code, stdout, stderr } = await run("show", "99");
    expect([code, stdout]).toEqual([66, ""]);
    expect(stderr).toContain("position 99");
    expect((await run("show", "ninety")).code).toBe(64);
  });
});

describe("report", () => {
  test("counts by fields and draws bars, what there is most of first", async () => {
    const { stdout } = await runCli(["report", "--by", "action"], { directory, env: { COLUMNS: "60" } });
    expect(stdout.split("\n")).toEqual([
      "ACTION          COUNT  SHARE",
      "order.placed        2  40.0%  ██████████████████████████████",
      "email.sent          1  20.0%  ███████████████",
      "order.changed       1  20.0%  ███████████████",
      "order.refunded      1  20.0%  ███████████████",
      "total               5",
      "",
    ]);
  });

  test("keeps to the largest groups when it is told to", async () => {
    const { stdout } = await runCli(["report", "--by", "action", "--top", "1"], { directory, env: { COLUMNS: "60" } });
    expect(stdout.split("\n").map((line) => line.slice(0, 26).trimEnd())).toEqual([
      "ACTION        COUNT  SHARE",
      "order.placed      2  40.0%",
      "(3 others)        3  60.0%",
      "total             5",
      "",
    ]);
    expect(jsonLines((await run("report", "--by", "action", "--top", "1", "--json")).stdout)).toHaveLength(1);
  });

  test("counts by time and shows the silence between", async () => {
    const { stdout } = await run("report", "log:order", "--bucket", "hour");
    expect(
      stdout
        .split("\n")
        .slice(1, 5)
        .map((line) => line.slice(0, 23).trimEnd()),
    ).toEqual([
      "2026-11-22 12:00      2",
      "2026-11-22 13:00      1",
      "2026-11-22 14:00      0",
      "2026-11-22 15:00      0",
    ]);
  });

  test("names its keys in JSON", async () => {
    const { stdout } = await run("report", "--by", "outcome,reason", "--bucket", "day", "--json");
    expect(jsonLines(stdout)[0]).toEqual({
      keys: { day: "2026-11-22T00:00:00.000000Z", outcome: "failure", reason: null },
      count: 1,
    });
  });

  test("gives one number without fields", async () => {
    expect((await run("report")).stdout).toBe("5 entries\n");
    expect((await run("report", "--json")).stdout).toBe('{"keys":{},"count":5}\n');
  });
});

describe("trails", () => {
  test("lists them with their sizes", async () => {
    expect((await run("trails")).stdout).toBe(
      "TENANT   ENTRIES  LAST RECORDED        ORIGIN\ndefault        5  2026-11-23 13:41:00  audit.example.com/shop/default\n",
    );
    expect(jsonLines((await run("trails", "--json")).stdout)).toEqual([
      {
        tenant: "default",
        origin: "audit.example.com/shop/default",
        size: 5,
        recordedAt: "2026-11-23T13:41:00.000000Z",
      },
    ]);
  });
});

describe("init", () => {
  test("makes a trail, and says so when there is one", async () => {
    const fresh = makeDirectory();
    const made = await runCli(["init", "--origin", "audit.example.com/new", "--json"], { directory: fresh });
    expect(jsonLines(made.stdout)).toMatchObject([{ origin: "audit.example.com/new", created: true, entries: 0 }]);
    const again = await runCli(["init"], { directory: fresh });
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("is a trail already, with 0 entries; nothing was changed");
  });

  test("refuses what is somebody else's database unless it is asked to live beside it", async () => {
    const fresh = makeDirectory();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(join(fresh, "shop.db"));
    database.exec("CREATE TABLE cup (name TEXT)");
    database.close();
    const refused = await runCli(["init", "shop.db"], { directory: fresh });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("--beside");
    expect(refused.stderr).toContain("STORE_EXISTS");
    expect((await runCli(["init", "shop.db", "--beside"], { directory: fresh })).code).toBe(0);
    expect((await runCli(["trails", "--store", "shop.db"], { directory: fresh })).code).toBe(0);
  });
});

describe("record", () => {
  const record = async (where: string, ...args: readonly string[]) => runCli(["record", ...args], { directory: where });

  test("records an event with everything it is told, into a trail without a catalogue", async () => {
    const fresh = makeDirectory();
    await runCli(["init"], { directory: fresh });
    const who = [
      "--actor",
      "user/42",
      "--actor-name",
      "Ana Pop",
      "--on-behalf-of",
      "user/1",
      "--target",
      "from=account/1",
      "--target",
      "to=account/2",
    ];
    const what = [
      "amount=12.50",
      "count:=3",
      "deep.er=x",
      "--before",
      '{"a":1}',
      "--after",
      '{"a":2}',
      "--reason",
      "ticket 1",
      "--time",
      "2026-01-02T03:04:05Z",
    ];
    const { code, stdout } = await record(fresh, "money.moved", ...who, ...what, "--json");
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ seq: 0 }]);
    const shown = await runCli(["show", "0", "--json"], { directory: fresh });
    expect(jsonLines(shown.stdout)[0]!["event"]).toMatchObject({
      ...{
        action: "money.moved",
        actor: { type: "user", id: "42", name: "Ana Pop" },
        onBehalfOf: [{ type: "user", id: "1" }],
      },
      targets: [
        { type: "account", id: "1", role: "from" },
        { type: "account", id: "2", role: "to" },
      ],
      ...{ data: { amount: "12.50", count: 3, deep: { er: "x" } }, before: { a: 1 }, after: { a: 2 }, changed: ["/a"] },
      ...{
        reason: "ticket 1",
        occurredAt: "2026-01-02T03:04:05.000000Z",
        context: { source: "cli" },
        outcome: "success",
      },
    });
  });

  test("records the same id once", async () => {
    const fresh = makeDirectory();
    await runCli(["init"], { directory: fresh });
    const same = ["a.b", "--actor", "user/1", "--id", "01a202ba-7f56-7000-a598-b26cb8e226cd", "--json"];
    const [first, second] = [await record(fresh, ...same), await record(fresh, ...same)];
    expect(second.stdout).toBe(first.stdout);
    const other = await record(fresh, ...same, "--message", "another");
    expect([other.code, jsonLines(other.stderr)[0]]).toMatchObject([64, { error: { code: "ID_CONFLICT" } }]);
  });

  test("holds an event to the application's catalogue, and leaves the catalogue as it is", async () => {
    const own = makeDirectory();
    copyFileSync(join(directory, "auditrail.db"), join(own, "auditrail.db"));
    const unknown = await record(own, "order.plaeced", "--actor", "user/7", "--target", "order/1", "total=1.00");
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain('Did you mean "order.placed"?');
    const wrong = await record(own, "order.placed", "--actor", "user/7", "totl=1.00");
    expect(wrong.stderr).toContain("data.total");
    const missing = await record(own, "order.refunded", "--actor", "user/7", "amount=1.00");
    expect(missing.stderr).toContain("reason is required");
    expect((await record(own, "order.placed", "--actor", "user/7", "total=1.00")).code).toBe(0);
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(join(own, "auditrail.db"), { readOnly: true });
    expect(database.prepare("SELECT count(*) AS n FROM auditrail_catalogue").get()).toEqual({ n: 1 });
    database.close();
  });

  test("says on stderr when nobody is named", async () => {
    const fresh = makeDirectory();
    await runCli(["init"], { directory: fresh });
    const { code, stderr, stdout } = await record(fresh, "a.b");
    expect(code).toBe(0);
    expect(stderr).toContain("--actor");
    expect(stdout).toContain("Recorded a.b as entry 0");
  });

  test("makes nothing where there is no trail", async () => {
    const fresh = makeDirectory();
    const { code, stderr } = await record(fresh, "a.b", "--actor", "user/1");
    expect(code).toBe(66);
    expect(stderr).toContain("auditrail init");
    expect(existsSync(join(fresh, "auditrail.db"))).toBe(false);
  });
});

describe("the store", () => {
  test("is named by --store, or AUDITRAIL_STORE, or is auditrail.db", async () => {
    const elsewhere = makeDirectory();
    const file = join(directory, "auditrail.db");
    for (const [args, env] of [
      [["--store", file], {}],
      [[], { AUDITRAIL_STORE: file }],
    ] as const) {
      expect((await runCli(["report", ...args], { directory: elsewhere, env })).stdout).toBe("5 entries\n");
    }
    expect((await runCli(["report"], { directory: elsewhere })).code).toBe(66);
  });

  test("keeps tenants apart", async () => {
    expect((await run("query", "--tenant", "other")).stderr).toBe("Nothing matches.\n");
  });
});
