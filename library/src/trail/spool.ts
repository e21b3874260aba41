import { closeSync, fdatasyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { AuditError, isAuditError, quote } from "../base/errors.ts";
import { formatSpoolRecord, parseSpoolRecords, type SpoolRecord } from "./spool-format.ts";

export interface SpoolOptions {
  readonly directory: string;
  /** What the names of its files start with; two spools in one directory must differ in it. */
  readonly name: string;
  readonly maxBytes: number;
}

/** Records are read back a segment at a time, so a segment bounds the memory that needs. */
const segmentBytes = 4 * 1024 * 1024;

/**
 * The place on local disk where events wait while the store fails: flushed, bounded, read back in order.
 *
 * It is a row of numbered segment files. New records go to the last one; {@link drain} takes the first ones, hands
 * their records over and removes each file only after that succeeded. A crash in between hands records over again,
 * which their ids make harmless.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #segments: { readonly path: string; bytes: number; records: number }[] = [];
  #handle: FileHandle | undefined;
  #nextSegment = 0;
  /** Appending, and closing the file that is appended to, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Takes up the files that an earlier process of this name left behind. */
  constructor(options: SpoolOptions) {
    this.#options = options;
    for (const file of listSegments(options.directory, options.name)) {
      const path = join(options.directory, file);
      this.#segments.push({ path, bytes: statSync(path).size, records: countLines(path) });
      this.#nextSegment = Math.max(this.#nextSegment, segmentNumber(file) + 1);
    }
  }

  get records(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.records, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** How many of the records are of buffered events. Reads the files; meant for taking up what another process left. */
  bufferedRecords(): number {
    return this.#segments.reduce((sum, { path }) => {
      const records = this.#read(path);
      return isAuditError(records) ? sum : sum + records.filter(({ buffered }) => buffered).length;
    }, 0);
  }

  /** Resolves when all records are flushed to disk. Errors: `SPOOL_FULL`, `SPOOL_FAILED`; then none of them counts. */
  append(records: readonly SpoolRecord[]): Promise<void> {
    return this.#inTurn(() => this.#append(records));
  }

  async #append(records: readonly SpoolRecord[]): Promise<void> {
    const text = this.#admit(records);
    try {
      const segment = this.#currentSegment();
      this.#handle ??= await open(segment.path, "a");
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
      segment.bytes += Buffer.byteLength(text);
      segment.records += records.length;
    } catch (cause) {
      // After a failed flush nobody knows what is on disk: the next try starts a new file.
      await this.#finishSegment().catch(() => undefined);
      throw this.#failure(cause);
    }
  }

  /** The same while the process ends and cannot wait. Errors: `SPOOL_FULL`, `SPOOL_FAILED`. */
  appendSync(records: readonly SpoolRecord[]): void {
    const text = this.#admit(records);
    try {
      mkdirSync(this.#options.directory, { recursive: true });
      const descriptor = openSync(this.#newSegment().path, "a");
      writeSync(descriptor, text);
      fdatasyncSync(descriptor);
      closeSync(descriptor);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /**
   * Hands the records over, oldest first, a segment at a time. Stops where `deliver` rejects, and rejects with that.
   * A damaged segment is set aside as `.damaged` and reported after the rest was delivered: `SPOOL_CORRUPT`.
   */
  async drain(deliver: (records: readonly SpoolRecord[]) => Promise<void>): Promise<void> {
    let damage: AuditError | undefined;
    while (this.#segments.length > 0) {
      const segment = this.#segments[0]!;
      if (this.#segments.length === 1) await this.#inTurn(() => this.#finishSegment());
      const records = this.#read(segment.path);
      if (isAuditError(records)) {
        damage ??= records;
        renameSync(segment.path, `${segment.path}.damaged`);
      } else {
        if (records.length > 0) await deliver(records);
        unlinkSync(segment.path);
      }
      this.#segments.shift();
    }
    if (damage !== undefined) throw damage;
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#finishSegment());
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #read(path: string): SpoolRecord[] | AuditError {
    try {
      return parseSpoolRecords(readFileSync(path, "utf8"));
    } catch (error) {
      if (isAuditError(error)) return error;
      throw this.#failure(error);
    }
  }

  #admit(records: readonly SpoolRecord[]): string {
    const text = records.map(formatSpoolRecord).join("");
    const { maxBytes } = this.#options;
    if (this.bytes + Buffer.byteLength(text) <= maxBytes) return text;
    throw new AuditError(
      "SPOOL_FULL",
      `Cannot keep events in the spool ${quote(this.#options.directory)}: it holds ${this.bytes} of at most ${maxBytes} bytes. Mend the store; the spool empties by itself.`,
      { details: { bytes: this.bytes, maxBytes } },
    );
  }

  #currentSegment() {
    const last = this.#segments.at(-1);
    if (this.#handle !== undefined && last !== undefined && last.bytes < segmentBytes) return last;
    void this.#handle?.close();
    this.#handle = undefined;
    mkdirSync(this.#options.directory, { recursive: true });
    return this.#newSegment();
  }

  #newSegment() {
    const number = String(this.#nextSegment).padStart(8, "0");
    this.#nextSegment += 1;
    const segment = { path: join(this.#options.directory, `${this.#options.name}.${number}.spool`), bytes: 0, records: 0 };
    this.#segments.push(segment);
    return segment;
  }

  async #finishSegment(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #failure(cause: unknown): AuditError {
    const found = cause instanceof Error ? cause.message : String(cause);
    return new AuditError("SPOOL_FAILED", `Cannot write to the spool ${quote(this.#options.directory)}: ${quote(found, 200)}.`, { cause });
  }
}

/** The names of the spools that have files in a directory. */
export function listSpools(directory: string): string[] {
  return [...new Set(listSegments(directory).map((file) => file.replace(segmentSuffix, "")))];
}

const segmentSuffix = /\.(\d{8})\.spool$/;

function listSegments(directory: string, name?: string): string[] {
  return listFiles(directory)
    .filter((file) => segmentSuffix.test(file) && (name === undefined || file.replace(segmentSuffix, "") === name))
    .sort();
}

/** A directory that is not there yet holds nothing. */
function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new AuditError("SPOOL_FAILED", `Cannot look into the spool directory ${quote(directory)}.`, { cause: error });
  }
}

function segmentNumber(file: string): number {
  return Number(segmentSuffix.exec(file)?.[1] ?? 0);
}

function countLines(path: string): number {
  return readFileSync(path, "utf8").split("\n").length - 1;
}
