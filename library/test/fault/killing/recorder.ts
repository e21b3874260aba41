/** A process of recording-program.ts, as its parent sees it. */

import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import { bundleProgram, type BundledProgram } from "../bundled-program.ts";
import { parseAcknowledged, type Acknowledged } from "../verify-place.ts";
import type { RecordingTask } from "./recording-program.ts";

export function bundleRecorder(): Promise<BundledProgram> {
  return bundleProgram({
    "recording-program": join(import.meta.dirname, "recording-program.ts"),
    "session-thread": join(import.meta.dirname, "session-thread.ts"),
  });
}

export interface RecorderEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it had acknowledged, all of it: what a killed process has written into a pipe is still there. */
  readonly acknowledged: readonly Acknowledged[];
  /** Events that were refused, sealing that was refused, and what it wrote to its standard error. */
  readonly complaints: readonly string[];
  readonly isOpened: boolean;
}

export interface Recorder {
  /** Lets it open the store and record. */
  go(): void;
  /** Resolves when it has told so many lines that begin so, or has ended. */
  told(start: string, count?: number): Promise<void>;
  /** How many lines it has told so far that begin so. */
  count(start: string): number;
  acknowledged(): readonly Acknowledged[];
  kill(): Promise<RecorderEnd>;
  /** Lets it close everything and end by itself. */
  end(): Promise<RecorderEnd>;
}

/** Starts a process that has loaded its program when it is told to go. */
export function startRecorder(program: BundledProgram, task: RecordingTask, clockSeed?: number): Recorder {
  const clock = clockSeed === undefined ? {} : { AUDITRAIL_TEST_CLOCK: String(clockSeed) };
  const child = spawn(process.execPath, [program.file, JSON.stringify(task)], { env: { ...program.env, ...clock } });
  const output = collectLines(child);
  const ended = new Promise<RecorderEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...readLines(output.lines(), output.errors()) }));
  });
  return {
    go: () => void child.stdin.write("go\n"),
    told: (start, count = 1) => Promise.race([output.told(start, count), ended.then(() => undefined)]),
    count: (start) => output.count(start),
    acknowledged: () => readLines(output.lines(), "").acknowledged,
    kill() {
      child.kill("SIGKILL");
      return ended;
    },
    end() {
      child.stdin.end();
      return ended;
    },
  };
}

function collectLines(child: ChildProcess) {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  let errors = "";
  // Writing to a process that was killed meanwhile is no error here.
  child.stdin!.on("error", () => undefined);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
    for (const look of waiting) look();
  });
  const count = (start: string): number => lines.filter((line) => line.startsWith(start)).length;
  return {
    lines: () => lines,
    errors: () => errors,
    count,
    told: (start: string, times: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (count(start) < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

function readLines(lines: readonly string[], errors: string) {
  const complaints = lines.filter((line) => line.startsWith("REFUSED ") || line.startsWith("UNSEALED "));
  return {
    acknowledged: lines.map(parseAcknowledged).filter((each) => each !== undefined),
    complaints: errors === "" ? complaints : [...complaints, errors],
    isOpened: lines.includes("OPEN"),
  };
}
