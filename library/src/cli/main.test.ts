import { Readable, Writable } from "node:stream";

import { expect, test } from "vitest";

import { createEnvironment } from "./environment.ts";
import { main } from "./main.ts";

function createWorld(columns: number) {
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
