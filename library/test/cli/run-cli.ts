/** The built program in a process of its own, as a person or a script runs it. */

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

export const program = fileURLToPath(new URL("../../bin/auditrail.js", import.meta.url));
const built = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

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
const quietEnv = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC" };

export function startCli(args: readonly string[], { directory, env = {} }: RunOptions): ChildProcess {
  if (!existsSync(built)) throw new Error("library/dist is missing: run npm run build first");
  return spawn(process.execPath, [program, ...args], { cwd: directory, env: { ...quietEnv, ...env } });
}

export async function runCli(args: readonly string[], options: RunOptions): Promise<Run> {
  return collect(startCli(args, options));
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
