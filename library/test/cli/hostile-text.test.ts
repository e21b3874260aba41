import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, expect, test } from "vitest";

import { runCli } from "./run-cli.ts";
import { openSample } from "./sample-trail.ts";

const nasty = "\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eetadpu\u2066\u200b\r\nSEQ 9 forged\u2028\u0000\ufeff";

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "auditrail-cli-hostile-"));
  const { trail } = await openSample(directory);
  const clean = nasty.replaceAll("\u0000", "");
  await trail.record("email.sent", {
    actor: { type: "user", id: clean, name: clean, email: clean, roles: [clean], agent: clean },
    targets: [{ type: "thing", id: clean, name: clean, role: clean }],
    ...{ before: { [clean]: clean }, after: { [clean]: `${clean}!` }, data: { to: clean } },
    ...{ message: clean, reason: clean, error: Object.assign(new Error(clean), { code: clean }) },
    context: { ip: clean, userAgent: clean, route: clean },
    subjects: [clean],
  });
  await trail.close();
});

const commands = [
  ["query"],
  ["query", "--columns", "actor,target,sentence,changes,notes,message,before,ip"],
  ["query", "--json"],
  ["tail", "--lines", "5"],
  ["timeline", "target", `thing/${nasty.replaceAll("\u0000", "")}`],
  ["show", "0"],
  ["show", "0", "--json"],
  ["report", "--by", "actor,message"],
  ["report", "--by", "reason", "--json"],
  ["export"],
  ["export", "--format", "csv"],
  ["query", `"${nasty.replaceAll("\u0000", "")}`],
  ["timeline", "target", nasty.replaceAll("\u0000", ""), "actr:x"],
] as const;

const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

test.for(commands)("%j writes nothing that a terminal would obey", async (command) => {
  const run = command[0] === "tail" ? interruptedTail(command) : runCli(command, { directory });
  const { stdout, stderr } = await run;
  expect(stdout + stderr).not.toBe("");
  // CSV ends its lines with CR LF, and keeps line breaks inside quotation marks.
  const isCsv = command.some((word) => word === "csv");
  const lines = (stdout + stderr).split(/\r?\n/);
  expect(lines.filter((line) => forbidden.test(line))).toEqual([]);
  expect(lines.filter((line) => !isCsv && line.startsWith("SEQ 9"))).toEqual([]);
});

async function interruptedTail(command: readonly string[]) {
  const { collect, startCli } = await import("./run-cli.ts");
  const child = startCli(command, { directory });
  child.stdout!.once("data", () => child.kill("SIGINT"));
  return collect(child);
}

test("JSON gives the text back exactly", async () => {
  const { stdout } = await runCli(["query", "--json"], { directory });
  const [{ event }] = [JSON.parse(stdout) as { event: { message: string } }];
  expect(event.message).toBe(nasty.replaceAll("\u0000", ""));
});

test("colours follow NO_COLOR and FORCE_COLOR, and are off where nobody looks", async () => {
  const coloured = /\u001b\[\d+m/;
  expect((await runCli(["show", "0"], { directory })).stdout).not.toMatch(coloured);
  expect((await runCli(["show", "0"], { directory, env: { FORCE_COLOR: "1" } })).stdout).toMatch(coloured);
  expect((await runCli(["show", "0"], { directory, env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toMatch(
    coloured,
  );
});
