import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, expect, test } from "vitest";

import { canonicalize } from "../../src/base/canonical-json.ts";
import { createIdSource } from "../../src/base/ids.ts";
import { systemClock } from "../../src/base/time.ts";
import { leafHash } from "../../src/integrity/leaf.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { trailOrigin, type PreparedEntry } from "../../src/trail/contracts.ts";
import { collect, jsonLines, makeDirectory, program, runCli, startCli } from "./run-cli.ts";
import { mira, openSample } from "./sample-trail.ts";

const texts = [
  "plain",
  "=1+1",
  "+1",
  "-2",
  "-12.50",
  "@SUM(A1)",
  "\tTAB",
  "＝1",
  "'quoted",
  "'=x",
  ' "=1',
  'a "b", c',
  "two\nlines",
  "",
  "  space ",
  "=cmd|'/C calc'!A0",
  "ä李",
];
const many = 12_000;

let small: string;
let large: string;
beforeAll(async () => {
  small = mkdtempSync(join(tmpdir(), "auditrail-cli-export-"));
  const first = await openSample(small);
  for (const message of texts) await first.trail.record("email.sent", { actor: mira, message, data: { to: "x" } });
  await first.trail.close();
  large = mkdtempSync(join(tmpdir(), "auditrail-cli-large-"));
  await makeLarge(large);
}, 60_000);

/** Entries of 6 kB, prepared by hand: how they are recorded is not what is tested here. */
async function makeLarge(directory: string): Promise<void> {
  const { store, origin } = await openStore(directory);
  const ids = createIdSource(systemClock);
  const filler = "x".repeat(6000);
  const prepare = (number: number): PreparedEntry => {
    const id = ids();
    const what = { action: "email.sent", version: 1, op: "execute", severity: "info", outcome: "success" };
    const event = {
      ...what,
      schema: 1,
      origin,
      id,
      tenant: "default",
      actor: { type: "job" },
      occurredAt: "2026-11-22T12:00:00.000000Z",
    };
    const text = canonicalize({ ...event, data: { number, filler } });
    return { tenant: "default", id, text, hash: leafHash(text), sealed: [] };
  };
  for (let start = 0; start < many; start += 1000) {
    await store.append(Array.from({ length: 1000 }, (_, index) => prepare(start + index)));
  }
  await store.close();
}

async function openStore(directory: string) {
  const store = await openSqliteStore({ file: join(directory, "auditrail.db"), createIfMissing: true, threads: false });
  return { store, origin: trailOrigin(store.origin, "default") };
}

/** RFC 4180, written apart from the code it checks. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ["", false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[index + 1] === '"') [cell, index] = [`${cell}"`, index + 1];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "," || character === "\n") {
      rows.at(-1)!.push(cell.replace(/\r$/, ""));
      cell = "";
      if (character === "\n") rows.push([]);
    } else cell += character;
  }
  return rows.slice(0, -1);
}

test("CSV cells are never formulas, and give the text back without the apostrophe in front", async () => {
  const { stdout } = await runCli(["export", "--format", "csv", "--columns", "seq,message"], { directory: small });
  const [titles, ...rows] = parseCsv(stdout);
  expect(titles).toEqual(["seq", "message"]);
  const cells = rows.map(([, message]) => message!);
  const formulas = cells.filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell));
  expect(formulas).toEqual([]);
  const withoutTab = texts.map((text) => text.replace("\t", String.raw`\t`));
  expect(cells.map((cell) => cell.replace(/^'/, ""))).toEqual(withoutTab);
  expect(stdout.endsWith("\r\n")).toBe(true);
});

test("JSON Lines hold entries whole", async () => {
  const { stdout, stderr } = await runCli(["export"], { directory: small });
  const entries = jsonLines(stdout) as unknown as { seq: number; event: { message?: string } }[];
  expect(entries.map(({ event }) => event.message)).toEqual(texts);
  expect(entries.map(({ seq }) => seq)).toEqual(texts.map((_, index) => index));
  expect(stderr).toBe(`✓ Exported ${texts.length} entries\n`);
});

test("a file appears whole under its name, for its owner only, and replaces nothing unasked", async () => {
  const where = makeDirectory();
  const store = ["--store", join(small, "auditrail.db")];
  const run = (...args: readonly string[]) => runCli(["export", ...store, ...args], { directory: where });
  expect(await run("-o", "mail.csv")).toMatchObject({ code: 0, stdout: "" });
  expect(readdirSync(where)).toEqual(["mail.csv"]);
  expect(statSync(join(where, "mail.csv")).mode & 0o077).toBe(0);
  expect(readFileSync(join(where, "mail.csv"), "utf8")).toMatch(/^seq,time,/);
  writeFileSync(join(where, "mail.csv"), "mine");
  expect((await run("-o", "mail.csv")).code).toBe(64);
  expect(readFileSync(join(where, "mail.csv"), "utf8")).toBe("mine");
  expect((await run("-o", "mail.csv", "--force")).code).toBe(0);
  expect((await run("-o", join(small, "auditrail.db"), "--force")).stderr).toContain("the trail itself");
  expect((await run("colour:red", "-o", "new.csv")).code).toBe(64);
  expect(existsSync(join(where, "new.csv"))).toBe(false);
});

test("an interrupted export leaves no file behind", async () => {
  const where = makeDirectory();
  const child = startCli(["export", "--store", join(large, "auditrail.db"), "-o", "all.jsonl"], { directory: where });
  const timer = setInterval(() => {
    if (readdirSync(where).length === 0) return;
    clearInterval(timer);
    child.kill("SIGINT");
  }, 5);
  const { code } = await collect(child);
  expect(code).toBe(130);
  expect(readdirSync(where)).toEqual([]);
});

test("memory stays flat: more data than the heap may hold goes through", async () => {
  const where = makeDirectory();
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=48", program, "export", "--store", join(large, "auditrail.db"), "-o", "all.jsonl"],
    { cwd: where },
  );
  const { code, stderr } = await collect(child);
  expect(stderr).toContain(`Exported ${many.toLocaleString("en")} entries`);
  expect(code).toBe(0);
  expect(statSync(join(where, "all.jsonl")).size).toBeGreaterThan(70_000_000);
});

test("a reader that has seen enough ends the export quietly", async () => {
  const child = startCli(["export"], { directory: large });
  child.stdout!.once("data", () => child.stdout!.destroy());
  let stderr = "";
  child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
