import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { exitCodes } from "../../src/cli/exit-codes.ts";
import { jsonLines, makeDirectory, runCli, runProgram } from "./run-cli.ts";
import { makeSample } from "./sample-trail.ts";

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "auditrail-cli-exits-"));
  await makeSample(directory);
});

test("the table of exit codes in the documentation is the one in the code", () => {
  const page = readFileSync(new URL("../../../docs/reference/exit-codes.md", import.meta.url), "utf8");
  const documented = Array.from(page.matchAll(/^\| (\d+) \| `(\w+)` \| (.+) \|$/gm), ([, code, name, says]) => [
    name,
    { code: Number(code), says },
  ]);
  expect(Object.fromEntries(documented)).toEqual(exitCodes);
});

describe("64 is for what has to be typed differently", () => {
  const mistakes: readonly (readonly [args: readonly string[], hint: string])[] = [
    [["qeury"], "Did you mean query?"],
    [["query", "--limt", "3"], "Did you mean --limit?"],
    [["query", "--limit", "0"], "from 1 to 1000"],
    [["query", "--by", "size"], "time, seq"],
    [["query", "actr:user/1"], 'id you mean "actor"?'],
    [["query", "--cursor", "nonsense"], "first page"],
    [["query", "--zone", "Mars/Olympus"], "Europe/Bucharest"],
    [["query", "--columns", "actoor"], 'id you mean "actor"?'],
    [["export", "--columns", "time"], "--format csv"],
    [["record"], "action"],
    [["keys"], 'What should "auditrail keys" do? Add new'],
    [["import"], "cloudtrail"],
    [["keys", "nwe"], "Did you mean new?"],
    [["record", "a.b", "--data", "{"], "not JSON"],
    [["report", "--by", "time"], "bucket"],
  ];
  test.for(mistakes)("%j", async ([args, hint]) => {
    const { code, stdout, stderr } = await runCli(args, { directory });
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toContain(hint);
  });
});

test("a mistake in a query is pointed at", async () => {
  const { stderr } = await runCli(["query", "actor:user/1", "colour:red"], { directory });
  const lines = stderr.split("\n");
  const shown = lines.findIndex((line) => line.includes("actor:user/1 colour:red"));
  const column = lines[shown]!.indexOf("colour");
  expect(lines[shown + 1]).toBe(`${" ".repeat(column)}^^^^^^`);
});

test("with --json an error is one line of JSON on stderr", async () => {
  const { code, stdout, stderr } = await runCli(["query", "actr:x", "--json"], { directory });
  expect([code, stdout]).toEqual([64, ""]);
  expect(jsonLines(stderr)).toMatchObject([{ error: { code: "QUERY_INVALID", details: { position: 0, length: 4 } } }]);
});

test("what commander says of a command line is a usage error of ours", async () => {
  const { stderr } = await runCli(["query", "--colour", "--json"], { directory });
  expect(jsonLines(stderr)).toMatchObject([{ error: { code: "USAGE_INVALID" } }]);
});

test("66 is for a trail or an entry that is not there", async () => {
  expect((await runCli(["query", "--store", "nowhere.db"], { directory })).code).toBe(66);
  expect((await runCli(["show", "1000"], { directory })).code).toBe(66);
});

test("1 is for what the machine does not allow", async () => {
  const where = makeDirectory();
  writeFileSync(join(where, "text.db"), "this is not a database, however long it is ".repeat(40));
  const foreign = await runCli(["query", "--store", "text.db", "--json"], { directory: where });
  expect(foreign.code).toBe(1);
  expect(jsonLines(foreign.stderr)).toMatchObject([{ error: { code: "STORE_FOREIGN" } }]);
  mkdirSync(join(where, "folder"));
  const file = join(directory, "auditrail.db");
  const unwritable = await runCli(["export", "--store", file, "-o", "absent/x.jsonl", "--json"], { directory: where });
  expect(unwritable.code).toBe(1);
  expect(jsonLines(unwritable.stderr)).toMatchObject([{ error: { code: "FILE_UNREADABLE" } }]);
});

test("the process ends with the code that the command has", async () => {
  const ends = [
    [["report"], 0],
    [["query", "--store", directory], 66],
    [["qeury"], 64],
    [["export", "-o", "absent/x.jsonl"], 1],
  ] as const;
  for (const [args, code] of ends) expect((await runProgram(args, { directory })).code, args.join(" ")).toBe(code);
});

test("help is data: on stdout, with examples for each verb, and done", async () => {
  const { code, stdout, stderr } = await runCli([], { directory });
  expect([code, stderr]).toEqual([0, ""]);
  const verbs = Array.from(stdout.matchAll(/^ {2}([a-z]+) /gm), ([, name]) => name!).filter((name) => name !== "help");
  expect(verbs).toEqual(
    expect.arrayContaining([
      "init",
      "record",
      "query",
      "tail",
      "timeline",
      "show",
      "report",
      "export",
      "trails",
      "doctor",
    ]),
  );
  const pages = await Promise.all(verbs.map((verb) => runCli([verb, "--help"], { directory })));
  for (const page of pages) expect(page.stdout).toContain("Examples:\n  auditrail ");
});
