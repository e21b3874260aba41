/** What a traced process did to its disk and what it acknowledged, in order, read out of strace's log. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { parseAcknowledged, type Acknowledged } from "../verify-place.ts";

export type DiskStep =
  | { readonly kind: "write"; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "sync"; readonly file: string }
  | { readonly kind: "acknowledge"; readonly acknowledged: Acknowledged };

/** Runs a child under strace and reads its steps on the directory of `prefix` and on files in it whose names start so. */
export function traceDisk(command: readonly string[], env: NodeJS.ProcessEnv, prefix: string): readonly DiskStep[] {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-trace-"));
  const log = join(directory, "trace.log");
  const calls = "openat,close,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat";
  const acknowledged = openSync(join(directory, "acknowledged"), "w");
  const strace = ["-f", "--seccomp-bpf", "-xx", "-s", "1000000", "-e", `trace=${calls}`, "-o", log];
  const run = spawnSync("strace", [...strace, ...command], { stdio: ["ignore", "ignore", "pipe", acknowledged], env });
  closeSync(acknowledged);
  if (run.status !== 0) throw new Error(`The traced process failed: ${run.stderr.toString().slice(-2000)}`);
  const steps = readSteps(readFileSync(log, "latin1"), prefix);
  rmSync(directory, { recursive: true });
  return steps;
}

const acknowledgements = 3;

function readSteps(log: string, prefix: string): DiskStep[] {
  const open = new Map<number, string>();
  const steps: DiskStep[] = [];
  for (const line of joinUnfinished(log)) {
    const match = /^(\w+)\((.*)\)\s+= (-?\d+)/s.exec(line);
    if (match === null || Number(match[3]) < 0) continue;
    const step = readStep(match[1]!, match[2]!, Number(match[3]), open, prefix);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/** strace splits a call that another thread interrupts into two lines; a call counts where it ends. */
export function* joinUnfinished(log: string): Iterable<string> {
  const started = new Map<string, string>();
  for (const line of log.split("\n")) {
    const [, thread, rest] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    if (thread === undefined || rest === undefined) continue;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest);
    if (rest.endsWith("<unfinished ...>")) started.set(thread, rest.slice(0, -"<unfinished ...>".length));
    else yield resumed === null ? rest : `${started.get(thread) ?? ""}${resumed[1]}`;
  }
}

function readStep(
  call: string,
  parameters: string,
  result: number,
  open: Map<number, string>,
  prefix: string,
): DiskStep | undefined {
  const descriptor = Number.parseInt(parameters, 10);
  const file = open.get(descriptor);
  switch (call) {
    case "openat": {
      const path = decodeText(parameters).toString();
      if (path.startsWith(prefix) || path === dirname(prefix)) open.set(result, path);
      else open.delete(result);
      return undefined;
    }
    case "close":
      open.delete(descriptor);
      return undefined;
    case "unlink":
    case "unlinkat": {
      const path = decodeText(parameters).toString();
      return path.startsWith(prefix) ? { kind: "remove", file: path } : undefined;
    }
    case "write": {
      const text = descriptor === acknowledgements ? decodeText(parameters).toString() : "";
      const acknowledged = parseAcknowledged(text.trim());
      return acknowledged === undefined ? undefined : { kind: "acknowledge", acknowledged };
    }
  }
  return file === undefined ? undefined : readFileStep(call, parameters, file);
}

function readFileStep(call: string, parameters: string, file: string): DiskStep | undefined {
  // A call that was split in two has a space in front of what was cut off.
  const last = Number(/, (\d+) ?$/.exec(parameters)?.[1]);
  if (call === "pwrite64") return { kind: "write", file, offset: last, bytes: decodeText(parameters) };
  if (call === "ftruncate") return { kind: "truncate", file, size: last };
  return call === "fsync" || call === "fdatasync" ? { kind: "sync", file } : undefined;
}

/** The first quoted string: with -xx every byte is `\xNN`. */
function decodeText(parameters: string): Buffer {
  const [, text = ""] = /"((?:\\x[0-9a-f]{2})*)"/.exec(parameters) ?? [];
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
