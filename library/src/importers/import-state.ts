/**
 * Remembers, in a small file, how far each source was imported, so that the next run continues there.
 *
 * The file only saves time. Ids are made of content, so losing it, or being killed before it is written, costs reading the
 * source again and adds nothing twice. What it says MUST be true, though: it is written after the events it counts are on disk.
 */

import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

import { AuditError, quote } from "../base/errors.ts";
import type { BytesRead, Fingerprint, ImportSource } from "./import-source.ts";

/** What a place in a source belongs to: another one of these, and the work has to be done again. */
export interface ImportScope {
  readonly kind: string;
  readonly settings: string;
  /** The origin of the trail. */
  readonly trail: string;
  /** How many entries it has. One that has fewer than when we last saved was restored from a backup: nothing is done then. */
  readonly trailSize: number;
}

export interface ImportProgress {
  /** How many records, from the first, are done. */
  readonly records: number;
  /** How many of these could not be recorded. */
  readonly malformed: number;
  readonly conflicts: number;
  /** The bytes that had been read by then: at least those of these records. */
  readonly read: BytesRead;
  /** The whole source was read. */
  readonly finished: boolean;
}

interface SourceState extends ImportScope, ImportProgress {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly head: BytesRead;
}

export interface ImportState {
  /**
   * How far the source was imported before; `undefined` where it is not known, or its beginning has changed since.
   * `unchanged` says that there cannot be anything new in it.
   */
  find(
    source: ImportSource,
    scope: ImportScope,
  ): Promise<{ readonly progress: ImportProgress; readonly unchanged: boolean } | undefined>;
  save(source: ImportSource, scope: ImportScope, progress: ImportProgress): Promise<void>;
}

/** Files that are imported again and again are few; the oldest of more than these are forgotten. */
const mostSources = 1000;

/** The state kept in `file`, which need not exist. Errors: `IMPORT_INVALID` where it is something else; `FILE_UNREADABLE`. */
export async function openImportState(file: string): Promise<ImportState> {
  let sources = await readState(file);
  return {
    async find(source, scope) {
      const { fingerprint } = source;
      if (fingerprint === undefined) return undefined;
      const known = sources.findLast(
        (candidate) => isSameScope(candidate, scope) && isSameHead(candidate.head, fingerprint),
      );
      if (known === undefined || scope.trailSize < known.trailSize) return undefined;
      const unchanged =
        known.finished && known.sizeBytes === fingerprint.sizeBytes && known.modifiedAtMs === fingerprint.modifiedAtMs;
      if (!unchanged && (await source.digestStart(known.read.bytes)) !== known.read.sha256) return undefined;
      return { progress: known, unchanged };
    },
    async save(source, scope, progress) {
      const { fingerprint } = source;
      if (fingerprint === undefined) return;
      const { sizeBytes, modifiedAtMs, head } = fingerprint;
      const others = sources.filter(
        (candidate) => !(isSameScope(candidate, scope) && isSameHead(candidate.head, fingerprint)),
      );
      const { kind, settings, trail, trailSize } = scope;
      const own = {
        name: source.name,
        kind,
        settings,
        trail,
        trailSize,
        sizeBytes,
        modifiedAtMs,
        head: digestOf(head),
        ...progress,
      };
      sources = [...others, own].slice(-mostSources);
      await writeState(file, sources);
    },
  };
}

function isSameScope(state: SourceState, scope: ImportScope): boolean {
  return state.kind === scope.kind && state.settings === scope.settings && state.trail === scope.trail;
}

/** A file that grew still begins with what it began with. An empty one is like no other. */
function isSameHead(known: BytesRead, { head }: Fingerprint): boolean {
  return (
    known.bytes > 0 && known.bytes <= head.length && digestOf(head.subarray(0, known.bytes)).sha256 === known.sha256
  );
}

function digestOf(bytes: Uint8Array): BytesRead {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function readState(file: string): Promise<readonly SourceState[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "ENOENT") return [];
    throw unreadable(file, "read", cause);
  }
  try {
    const { auditrailImports, sources } = JSON.parse(text) as { auditrailImports?: unknown; sources?: unknown };
    if (auditrailImports === 1 && Array.isArray(sources)) return sources as SourceState[];
  } catch {
    // Falls through: whatever it is, it is not ours, and it is not for us to write over it.
  }
  throw new AuditError(
    "IMPORT_INVALID",
    `Cannot continue imports: ${quote(file)} is not an import state of this version. Name another file, or remove this one.`,
    { details: { file } },
  );
}

/** By a new file and a rename: a crash leaves the old one or the new one, never half of one. */
async function writeState(file: string, sources: readonly SourceState[]): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify({ auditrailImports: 1, sources }, undefined, 1)}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch (cause) {
    throw unreadable(file, "write", cause);
  }
}

function unreadable(file: string, doing: "read" | "write", cause: unknown): AuditError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new AuditError(
    "FILE_UNREADABLE",
    `Cannot ${doing} the import state ${quote(file)}: ${found}. Name another file, or import without one.`,
    { cause, details: { file } },
  );
}
