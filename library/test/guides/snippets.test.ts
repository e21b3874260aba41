/** The code of the guide, compiled against the built package and run as it stands. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase } from "../postgres/test-database.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
const pages = [
  "getting-started",
  "context",
  "coverage",
  "sqlite",
  "memory",
  "testing",
  "integrity",
  "hono",
  "sqlite-triggers",
  "grammy",
  "telegraf",
  "nodemailer",
  "pino",
  "sign-in",
  "express",
  "fastify",
  "postgres",
  "postgres-triggers",
];

const { url } = await createTestDatabase();

/** Inside node_modules, so that `auditrail` is found as it is by those who install it. */
const modules = join(repository, "node_modules");
let directory = "";

/** All TypeScript of a page, one after the other, as a reader would paste it. */
function codeOf(page: string): string {
  const text = readFileSync(join(repository, `docs/guide/${page}.md`), "utf8");
  return Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), ([, code]) => code!).join("\n");
}

beforeAll(() => {
  directory = mkdtempSync(join(modules, ".guide-snippets-"));
  for (const page of pages) writeFileSync(join(directory, `${page}.ts`), `${codeOf(page)}\nexport {};\n`);
  const options = {
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
  };
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["*.ts"], exclude: [] }),
  );
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("all code of the guide compiles", async () => {
  const compiler = join(modules, ".bin/tsc");
  const output = await run(compiler, ["-p", directory]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  expect(output).toBe("");
});

test.for(pages)("the code of %s runs", async (page) => {
  const place = join(directory, page);
  mkdirSync(place);
  const compiled = join(directory, `${page}.mjs`);
  const { stripTypeScriptTypes } = await import("node:module");
  writeFileSync(compiled, stripTypeScriptTypes(codeOf(page), { mode: "transform" }));
  const { stderr } = await run(process.execPath, [compiled], {
    cwd: place,
    timeout: 20_000,
    env: { ...process.env, NODE_OPTIONS: "", DATABASE_URL: url },
  });
  expect(stderr).toBe("");
});
