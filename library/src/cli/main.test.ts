import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable, Writable } from "node:stream";

import { expect, onTestFinished, test } from "vitest";

import { createEnvironment } from "./environment.ts";
import { main } from "./main.ts";

function createWorld(columns: number, confirm?: (question: string) => Promise<boolean>) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const environment = createEnvironment({
    ...{ stdin: Readable.from([]), stdout: stream("stdout"), stderr: stream("stderr") },
    ...{ env: {}, terminals: { stdout: true, stderr: true }, columns, zone: "UTC" },
    ...(confirm === undefined ? {} : { confirm }),
  });
  return { written, environment };
}

test("help keeps within the terminal's columns", async () => {
  for (const columns of [80, 120]) {
    const { written, environment } = createWorld(columns);
    expect(await main(["query", "--help"], environment)).toBe(0);
    const options = written.stdout.slice(0, written.stdout.indexOf("Examples:"));
    for (const line of options.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
  }
});

test("errors are answered with a code, in the given environment, and never thrown", async () => {
  const { written, environment } = createWorld(80);
  expect(await main(["query", "--nonsense"], environment)).toBe(64);
  expect(written.stdout).toBe("");
  expect(written.stderr).toContain("--nonsense");
});

test("a stopped command answers 130", async () => {
  const { environment } = createWorld(80);
  expect(await main(["trails", "--store", "nowhere.db"], { ...environment, signal: AbortSignal.abort() })).toBe(130);
});

test("a person is asked before a file is replaced or somebody's database is added to", async () => {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-main-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [store, other, file] = ["trail.db", "other.db", "out.jsonl"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const database = new DatabaseSync(other);
  database.exec("CREATE TABLE cup (name TEXT)");
  database.close();
  const asked: string[] = [];
  const run = (answer: boolean | undefined, ...argv: string[]) => {
    const confirm = (question: string) => Promise.resolve(asked.push(question) > 0 && answer === true);
    return main(argv, createWorld(80, answer === undefined ? undefined : confirm).environment);
  };
  expect(await run(undefined, "init", store)).toBe(0);
  writeFileSync(file, "mine");
  const copy = ["export", "--store", store, "-o", file];
  expect([await run(undefined, ...copy), await run(false, ...copy), readFileSync(file, "utf8")]).toEqual([
    64,
    64,
    "mine",
  ]);
  expect([await run(true, ...copy), readFileSync(file, "utf8")]).toEqual([0, ""]);
  expect([await run(false, "init", other), await run(true, "init", other)]).toEqual([1, 0]);
  expect(asked).toHaveLength(4);
});
