import {
  accessSync,
  closeSync,
  constants,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { open, truncate, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import { formatSpoolRecord, parseSpoolText, type SpoolRecord, type SpoolText } from "./spool-format.ts";

export interface SpoolOptions {
  readonly directory: string;
  /** What the names of its files start with; two spools in one directory must differ in it. */
  readonly name: string;
  readonly maxBytes: number;
}

interface Segment {
  readonly path: string;
  /** What was flushed to it. */
  bytes: number;
  records: number;
}

const nothingRead: SpoolText = { records: [], damagedLines: [] };

/** Records hold personal data in the clear, with its salts. */
const ownerOnly = 0o600;

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
  #segments: Segment[] = [];
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

  /** The records of buffered events. Reads the files; meant for taking up what another process left. */
  readBuffered(): readonly SpoolRecord[] {
    return this.#segments.flatMap(({ path }) => this.#read(path)?.records.filter(({ buffered }) => buffered) ?? []);
  }

  /** Resolves when all records are flushed to disk. Errors: `SPOOL_FULL`, `SPOOL_FAILED`; then none of them counts. */
  append(records: readonly SpoolRecord[]): Promise<void> {
    return this.#inTurn(() => this.#append(records));
  }

  async #append(records: readonly SpoolRecord[]): Promise<void> {
    const text = this.#admit(records);
    let segment: Segment | undefined;
    try {
      segment = await this.#openSegment();
      await this.#handle!.appendFile(text);
      await this.#handle!.datasync();
      segment.bytes += Buffer.byteLength(text);
      segment.records += records.length;
    } catch (cause) {
      // After a failed flush nobody knows what is on disk: the next try starts a new file, and what was refused is
      // taken out of this one as far as that is possible.
      await this.#finishSegment().catch(() => undefined);
      if (segment !== undefined) await truncate(segment.path, segment.bytes).catch(() => undefined);
      throw this.#failure(cause);
    }
  }

  /** The same while the process ends and cannot wait. Errors: `SPOOL_FULL`, `SPOOL_FAILED`. */
  appendSync(records: readonly SpoolRecord[]): void {
    const text = this.#admit(records);
    try {
      mkdirSync(this.#options.directory, { recursive: true });
      const descriptor = openSync(this.#newSegment().path, "a", ownerOnly);
      writeFileSync(descriptor, text);
      fdatasyncSync(descriptor);
      closeSync(descriptor);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /**
   * Hands the records over, oldest first, a segment at a time. Stops where `deliver` rejects, and rejects with that.
   * A segment with damaged lines is kept as `.damaged` and reported after all that is whole was delivered:
   * `SPOOL_CORRUPT`, with the number of lines as `details.damagedLines`.
   */
  async drain(deliver: (records: readonly SpoolRecord[]) => Promise<void>): Promise<void> {
    const damaged: { readonly path: string; readonly lines: readonly number[] }[] = [];
    while (this.#segments.length > 0) {
      const segment = this.#segments[0]!;
      if (this.#segments.length === 1) await this.#inTurn(() => this.#finishSegment());
      const { records, damagedLines: lines } = this.#read(segment.path) ?? nothingRead;
      if (records.length > 0) await deliver(records);
      if (lines.length > 0) damaged.push({ path: segment.path, lines });
      this.#discard(segment.path, lines.length > 0);
      this.#segments.shift();
    }
    if (damaged.length > 0) throw corrupt(damaged);
  }

  #discard(path: string, keep: boolean): void {
    try {
      if (keep) renameSync(path, `${path}.damaged`);
      else unlinkSync(path);
    } catch (cause) {
      // Another process may have taken the same files up; their ids make that harmless.
      if (!isMissing(cause)) throw this.#failure(cause);
    }
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#finishSegment());
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** `undefined` where the file is gone: another process took it up. */
  #read(path: string): SpoolText | undefined {
    try {
      return parseSpoolText(readFileSync(path, "utf8"));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw this.#failure(cause);
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

  async #openSegment(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (this.#handle !== undefined && last !== undefined && last.bytes < segmentBytes) return last;
    await this.#finishSegment();
    mkdirSync(this.#options.directory, { recursive: true });
    const segment = this.#newSegment();
    this.#handle = await open(segment.path, "a", ownerOnly);
    await flushDirectory(this.#options.directory);
    return segment;
  }

  #newSegment(): Segment {
    const number = String(this.#nextSegment).padStart(8, "0");
    this.#nextSegment += 1;
    const segment = {
      path: join(this.#options.directory, `${this.#options.name}.${number}.spool`),
      bytes: 0,
      records: 0,
    };
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
    return new AuditError(
      "SPOOL_FAILED",
      `Cannot use the spool ${quote(this.#options.directory)}: ${quote(found, 200)}.`,
      { cause },
    );
  }
}

function corrupt(damaged: readonly { readonly path: string; readonly lines: readonly number[] }[]): AuditError {
  const { path, lines } = damaged[0]!;
  return new AuditError(
    "SPOOL_CORRUPT",
    `Cannot read line ${lines[0]} of ${quote(path)}: its check sum does not fit. The file was changed or damaged; it is kept as .damaged, and what is whole in it was recorded.`,
    { details: { file: `${path}.damaged`, damagedLines: damaged.reduce((sum, each) => sum + each.lines.length, 0) } },
  );
}

/** A new file outlives a power cut only when its directory is flushed too. Windows has no such call, and no such need. */
async function flushDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** Makes the directory, so that one that cannot be written is known now and not when it is needed. Errors: `SPOOL_FAILED`. */
export function prepareSpoolDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new AuditError(
      "SPOOL_FAILED",
      `Cannot use the spool directory ${quote(directory)}: it cannot be made or written. Pass a directory on local disk that this process may write.`,
      { cause },
    );
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
