/** Runs a program of the folder `programs` in a process of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

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

export function runProgram(
  name: string,
  parameters: readonly string[],
  { under = [], uid, env }: RunOptions = {},
): RunningProgram {
  const program = join(import.meta.dirname, "programs", `${name}.ts`);
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
