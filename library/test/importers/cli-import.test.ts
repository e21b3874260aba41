import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { beforeEach, expect, test } from "vitest";

import { collect, jsonLines, makeDirectory, runCli, startCli } from "../cli/run-cli.ts";
import { shopLine, shopLines, shopMappingFile } from "./shop-mapping.ts";

let directory: string;
const run = (...args: readonly string[]) => runCli(args, { directory });

beforeEach(async () => {
  directory = makeDirectory();
  writeFileSync(join(directory, "mapping.json"), JSON.stringify(shopMappingFile));
  writeFileSync(join(directory, "shop.jsonl"), shopLines(0, 20));
  writeFileSync(join(directory, "broken.jsonl"), `${shopLine(20)}\n{"at":\u001b[31m\n${shopLine(21)}\n`);
  await run("init");
});

test("imports files, says what it did, and adds nothing the second time", async () => {
  const first = await run("import", "jsonl", "shop.jsonl", "--mapping", "mapping.json");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(
    /✓ shop\.jsonl: recorded 20 of 20 lines in [\d.]+ s\n {2}from 2026-01-01 00:00:00 to 2026-01-01 00:00:19/,
  );
  const again = await run("import", "jsonl", "shop.jsonl", "--mapping", "mapping.json", "--json");
  expect(jsonLines(again.stdout)).toMatchObject([{ source: "shop.jsonl", recorded: 0, earlier: { records: 20 } }]);
  const afresh = await run("import", "jsonl", "shop.jsonl", "--mapping", "mapping.json", "--json", "--no-state");
  expect(jsonLines(afresh.stdout)).toMatchObject([{ recorded: 0, alreadyThere: 20, earlier: { records: 0 } }]);
  const asked = await run("query", "log:shop actor:user/u3", "--json");
  expect(jsonLines(asked.stdout)).toHaveLength(3);
});

test("malformed records are listed, written to the rejects, shown without acting on the terminal, and make the exit code 3", async () => {
  const args = [
    "import",
    "jsonl",
    "shop.jsonl",
    "broken.jsonl",
    "--mapping",
    "mapping.json",
    "--rejects",
    "rejects.jsonl",
  ];
  const { code, stdout } = await run(...args);
  expect(code).toBe(3);
  expect(stdout).toContain("! broken.jsonl: recorded 2 of 3 lines");
  expect(stdout).toContain("line 2: not JSON");
  expect(stdout).not.toContain("\u001b");
  const rejects = jsonLines(readFileSync(join(directory, "rejects.jsonl"), "utf8"));
  expect(rejects).toMatchObject([{ source: "broken.jsonl", unit: "line", number: 2, excerpt: '{"at":\u001b[31m' }]);
});

test("a dry run shows the first events and needs no trail", async () => {
  const { code, stdout } = await run(
    "--store",
    "none.db",
    "import",
    "jsonl",
    "shop.jsonl",
    "--mapping",
    "mapping.json",
    "--dry-run",
  );
  expect(code).toBe(0);
  expect(stdout).toContain("would record 20 of 20 lines");
  expect(stdout).toContain("shop.order.placed");
  const asked = await run("trails", "--json");
  expect(asked.stdout).toBe("");
});

test("standard input is read, gzipped or not", async () => {
  for (const bytes of [Buffer.from(shopLines(0, 5)), gzipSync(shopLines(0, 9))]) {
    const child = startCli(["import", "jsonl", "-", "--mapping", "mapping.json", "--json"], { directory });
    child.stdin!.end(bytes);
    const { code, stdout } = await collect(child);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ source: "standard input", malformed: 0 }]);
  }
  expect(jsonLines((await run("query", "log:shop", "--json")).stdout)).toHaveLength(9);
});

test("CSV, sshd and CloudTrail have their own options", async () => {
  const csv = { ...shopMappingFile, csv: { delimiter: ";" } };
  writeFileSync(join(directory, "csv.json"), JSON.stringify(csv));
  writeFileSync(join(directory, "shop.csv"), "\uFEFFat;what;who;n\r\n2026-01-01T00:00:00Z;order.placed;u1;7\r\n");
  expect(jsonLines((await run("import", "csv", "shop.csv", "--mapping", "csv.json", "--json")).stdout)).toMatchObject([
    { recorded: 1 },
  ]);
  writeFileSync(
    join(directory, "auth.log"),
    "Jul  1 12:00:00 web sshd[1]: Accepted password for ann from 192.0.2.1 port 2 ssh2\n",
  );
  const sshd = await run("import", "sshd", "auth.log", "--year", "2020", "--zone", "Europe/Bucharest", "--json");
  expect(jsonLines(sshd.stdout)).toMatchObject([{ recorded: 1, from: "2020-07-01T09:00:00.000000Z" }]);
  const record = {
    eventID: "1",
    eventTime: "2026-01-01T00:00:00Z",
    eventSource: "s3.amazonaws.com",
    eventName: "GetObject",
  };
  writeFileSync(join(directory, "trail.json"), JSON.stringify({ Records: [record] }));
  expect(jsonLines((await run("import", "cloudtrail", "trail.json", "--json")).stdout)).toMatchObject([
    { recorded: 1 },
  ]);
});

test("the trail takes any other action afterwards as it did before", async () => {
  await run("import", "jsonl", "shop.jsonl", "--mapping", "mapping.json");
  expect(await run("record", "order.placed", "--actor", "user/1")).toMatchObject({ code: 0 });
});

test.each([
  [["import", "jsonl", "missing.jsonl", "--mapping", "mapping.json"], "missing.jsonl"],
  [["import", "jsonl", "shop.jsonl", "--mapping", "missing.json"], "missing.json"],
  [["import", "jsonl", "shop.jsonl"], "--mapping"],
  [["import", "sshd", "shop.jsonl", "--year", "17"], "year"],
  [["import", "sshd", "shop.jsonl", "--zone", "Mars"], "Mars"],
  [["import", "cloudtrial", "x.json"], "cloudtrail"],
  [["import", "jsonl", "shop.jsonl", "--mapping", "mapping.json", "--rejects", "auditrail.db"], "the trail itself"],
])("%j is refused, saying why", async (args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect(code).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
});
