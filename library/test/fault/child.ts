/** Runs a program of the folder `programs` in a process of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { rolldown } from "rolldown";
import { afterAll } from "vitest";

export interface RunningProgram {
  readonly child: ChildProcess;
  /** Resolves with the line when the program has written one that begins so. */
  line(start: string): Promise<string>;
  /** All whole lines it has written so far. */
  lines(): readonly string[];
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly errors: string;
  }>;
}

export interface RunOptions {
  /** What to run it with, in front of Node's own path: `strace -f …`. */
  readonly under?: readonly string[];
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const sources = join(import.meta.dirname, "programs");
const thread = join(import.meta.dirname, "../../src/stores/sqlite/session-thread.ts");

/** All programs and the store's thread as JavaScript in one folder: as TypeScript each takes over a second to start. */
const folder = await bundlePrograms();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bundlePrograms(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-programs-"));
  chmodSync(directory, 0o755); // Some run as another user.
  const programs = readdirSync(sources).map((file): [string, string] => [basename(file, ".ts"), join(sources, file)]);
  const bundle = await rolldown({
    input: Object.fromEntries([...programs, ["session-thread", thread]]),
    ...{ platform: "node", logLevel: "warn" },
    // The package says that importing it does nothing, which programs are not bound to.
    treeshake: { moduleSideEffects: [{ test: /./, sideEffects: true }] },
  });
  await bundle.write({ dir: directory, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" });
  await bundle.close();
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  return directory;
}

export function runProgram(
  name: string,
  parameters: readonly string[],
  { under = [], uid, env }: RunOptions = {},
): RunningProgram {
  const program = join(folder, `${name}.js`);
  const [command, ...rest] = [...under, process.execPath, program, ...parameters];
  const child = spawn(command!, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let output = "";
  let errors = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const lines = (): string[] => output.split("\n").slice(0, -1);
  const ended: RunningProgram["ended"] = new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, errors }));
  });
  return {
    child,
    lines,
    ended,
    line: (start) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines().find((line) => line.startsWith(start));
          if (found !== undefined) resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then(({ code, signal }) =>
          reject(new Error(`${name} ended (${code ?? signal}) without "${start}": ${output}${errors}`)),
        );
      }),
  };
}
