/** The built program, as a person or a script runs it: in a process of its own, or, twenty times as quick, in this one. */

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

export const program = fileURLToPath(new URL("../../bin/auditrail.js", import.meta.url));
const built = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const workingDirectory = process.cwd();

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Nothing of the machine's own settings, and UTC, so that what is printed is the same everywhere. */
const quietEnv = {
  ...{ PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC" },
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
};

export function startCli(args: readonly string[], { directory, env = {} }: RunOptions): ChildProcess {
  if (!existsSync(built)) throw new Error("library/dist is missing: run npm run build first");
  return spawn(process.execPath, [program, ...args], { cwd: directory, env: { ...quietEnv, ...env } });
}

/** In a process of its own: for exit codes, signals, pipes, and once for each verb (`processes.test.ts`). */
export async function runProgram(args: readonly string[], options: RunOptions): Promise<Run> {
  return collect(startCli(args, options));
}

/** What `bin/auditrail.js` runs, in this process: for what commands say and do. Neither end is a terminal. */
export async function runCli(args: readonly string[], { directory, env = {} }: RunOptions): Promise<Run> {
  const { main, createEnvironment } = loadBuilt();
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written): Writable =>
    new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => ((written[name] += chunk), done()),
    });
  const environment = createEnvironment({
    stdin: Readable.from([]),
    ...{ stdout: stream("stdout"), stderr: stream("stderr") },
    ...{ env: { ...quietEnv, ...env }, zone: "UTC" },
    loadServer: () => Promise.resolve(createRequire(import.meta.url)("../../dist/server/index.js")),
  });
  process.chdir(directory);
  try {
    return { code: await main(args, environment), ...written };
  } finally {
    // The directory is removed with its test; what is loaded after that may ask where it is.
    process.chdir(workingDirectory);
  }
}

/** Through `require`, so that what runs is the built files themselves, not what the test runner would make of them. */
function loadBuilt() {
  if (!existsSync(built)) throw new Error("library/dist is missing: run npm run build first");
  const load = createRequire(import.meta.url);
  return {
    ...(load(built) as typeof import("../../src/cli/main.ts")),
    ...(load("../../dist/cli/environment.js") as typeof import("../../src/cli/environment.ts")),
  };
}

export function collect(child: ChildProcess): Promise<Run> {
  const chunks = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (chunk: string) => (chunks[name] += chunk));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...chunks }));
  });
}

/** A directory of the test's own, removed when it ends. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-cli-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Each line of stdout, which has to be JSON. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
