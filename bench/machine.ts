import { cpus, totalmem } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly sqlite: string;
  /** Half of all flushes of a 4 KiB append to this disk take less than this, and 99 of 100 less than that. */
  readonly flushMs: { readonly p50: number; readonly p99: number };
}

/** What the figures were taken on: without the time of a flush, a throughput figure says nothing. */
export function describeMachine(directory: string): Machine {
  const database = new DatabaseSync(":memory:");
  const { version } = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  database.close();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    sqlite: version,
    flushMs: measureFlush(directory),
  };
}

function measureFlush(directory: string): Machine["flushMs"] {
  const place = mkdtempSync(join(directory, "flush-"));
  const file = openSync(join(place, "file"), "w");
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  closeSync(file);
  rmSync(place, { recursive: true });
  return { p50: round(times[100]!), p99: round(times[197]!) };
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
