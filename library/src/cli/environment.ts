import type { Readable, Writable } from "node:stream";

import { systemClock, type Clock } from "../base/time.ts";
import { exitCodes, type ExitName } from "./exit-codes.ts";
import type { LoadServer } from "./server-door.ts";
import { createTextOutput, type TextOutput } from "./text-output.ts";

/** Everything a command has to do with the world outside, so that a test can give it another one. */
export interface CliEnvironment {
  readonly stdin: Readable;
  /** Data only. */
  readonly stdout: TextOutput;
  /** Talk: notes, progress, errors. */
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The time zone of people who look: an IANA name. */
  readonly zone: string;
  readonly clock: Clock;
  /** Aborted by SIGINT: stop soon, and leave nothing half done. */
  readonly signal: AbortSignal;
  /** Asks a person yes or no; absent where none sits at both ends. No is also the answer to Ctrl-C. */
  readonly confirm: Confirm | undefined;
  /** Loads the HTTP server; absent where a program was put together without it. */
  readonly loadServer: LoadServer | undefined;
  /** Sets the exit code of the command; the last call counts. A command that throws need not. */
  exitWith(name: ExitName): void;
  readonly exitCode: number;
}

export type Confirm = (question: string) => Promise<boolean>;

export interface EnvironmentParts {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stdin, stdout and stderr are terminals. Not, by default. */
  readonly terminals?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  /** Width of the terminal. */
  readonly columns?: number;
  readonly zone?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly confirm?: Confirm;
  readonly loadServer?: LoadServer | undefined;
}

export function createEnvironment(parts: EnvironmentParts): CliEnvironment {
  const { stdin, env, terminals = {}, columns } = parts;
  const output = (stream: Writable, isTerminal = false) => createTextOutput({ stream, env, isTerminal, columns });
  let exitCode: number = exitCodes.ok.code;
  return {
    stdin,
    stdout: output(parts.stdout, terminals.stdout),
    stderr: output(parts.stderr, terminals.stderr),
    env,
    zone: parts.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    clock: parts.clock ?? systemClock,
    signal: parts.signal ?? new AbortController().signal,
    confirm: parts.confirm,
    loadServer: parts.loadServer,
    exitWith: (name) => void (exitCode = exitCodes[name].code),
    get exitCode() {
      return exitCode;
    },
  };
}

/** The environment of this process, and how to let go of it. */
export function openProcessEnvironment(loadServer?: LoadServer): {
  readonly environment: CliEnvironment;
  release(): void;
} {
  const { stdin, stdout, stderr, env } = process;
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  // Once: a second Ctrl-C finds Node's own behaviour, which ends the process whatever it does.
  process.once("SIGINT", interrupt);
  const canAsk = stdin.isTTY && stderr.isTTY && (env["CI"] ?? "") === "";
  const environment = createEnvironment({
    ...{ stdin, stdout, stderr, env, signal: controller.signal, loadServer },
    ...(canAsk ? { confirm: askOnTerminal } : {}),
    terminals: { stdin: stdin.isTTY, stdout: stdout.isTTY, stderr: stderr.isTTY },
    ...(stdout.columns > 0 ? { columns: stdout.columns } : {}),
  });
  return { environment, release: () => void process.off("SIGINT", interrupt) };
}

/** Loaded when a question is asked, which is seldom: it takes as long to load as most commands take. */
async function askOnTerminal(question: string): Promise<boolean> {
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  return answer === true;
}
