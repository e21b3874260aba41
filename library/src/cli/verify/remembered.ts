/**
 * The file in which a verifier keeps the newest checkpoint of each trail that it has verified: what makes a later
 * verification say that nothing was rewritten in between. One JSON object a line, `{"note":"…"}`; one signed note by itself will do too.
 */

import { existsSync, renameSync, writeFileSync } from "node:fs";

import { encodeUtf8 } from "../../base/bytes.ts";
import { AuditError, quote } from "../../base/errors.ts";
import { parseCheckpoint } from "../../integrity/checkpoint.ts";
import { formatCheckpointLine, parseCheckpointLines } from "../../integrity/evidence-lines.ts";
import { parseSignedNote } from "../../integrity/signed-note.ts";
import { isOriginOf } from "../../integrity/verify-checkpoints.ts";
import { readInput } from "./trust.ts";

/** The notes in the file; none where there is no file yet. Errors: `FILE_UNREADABLE`, `VERIFY_MALFORMED`. */
export function readRemembered(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const text = readInput(file);
  if (text.trim() === "") return [];
  const notes = text.startsWith("{") ? parseCheckpointLines(encodeUtf8(text)).map(({ note }) => note) : [text];
  for (const note of notes) originOf(note);
  return notes;
}

/** Those of one trail. */
export function rememberedOf(notes: readonly string[], origin: string): readonly string[] {
  return notes.filter((note) => isOriginOf(originOf(note), origin));
}

/** Errors: `VERIFY_MALFORMED`. */
function originOf(note: string): string {
  return parseCheckpoint(parseSignedNote(note).text).origin;
}

/** The notes with the newest of a trail in place of those before. */
export function remember(notes: readonly string[], origin: string, newest: string): readonly string[] {
  return [...notes.filter((note) => !isOriginOf(originOf(note), origin)), newest];
}

/** Replaces the file in one step, so that a crash leaves the old one. Errors: `FILE_UNREADABLE`. */
export function writeRemembered(file: string, notes: readonly string[]): void {
  const next = `${file}.new`;
  try {
    writeFileSync(next, notes.map((note) => formatCheckpointLine({ note })).join(""), { flush: true });
    renameSync(next, file);
  } catch (cause) {
    throw new AuditError(
      "FILE_UNREADABLE",
      `Cannot write ${quote(file)}: ${(cause as NodeJS.ErrnoException).code ?? "unknown error"}.`,
      { cause },
    );
  }
}
