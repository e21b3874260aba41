import { setImmediate as nextTurn } from "node:timers/promises";

import { AuditError, assertKnownOptions } from "../base/errors.ts";
import { parseCheckpoint } from "../integrity/checkpoint.ts";
import type { TrailEvidence } from "../integrity/evidence.ts";
import { parseTlogPolicy } from "../integrity/policy.ts";
import { parseSignedNote } from "../integrity/signed-note.ts";
import type { VerificationReport } from "../integrity/verify-report.ts";
import { verifyTrail } from "../integrity/verify-trail.ts";
import { writeEvidenceFiles } from "../integrity/write-evidence-files.ts";
import { lockEvidence, type ReadSubjectKeys } from "./collect-keys.ts";
import { formatDisclosure } from "./disclosure.ts";
import { createSelection } from "./create-selection.ts";
import { htmlChunks } from "./html-page.ts";
import { openEvidence } from "./open-evidence.ts";
import { writeDirectory, writeWhole } from "./output.ts";
import { encodeTar } from "./tar.ts";

export interface ExportEvidenceOptions {
  /** The trail, as `openStoreEvidence()` of `auditrail/verification` gives it. */
  readonly evidence: TrailEvidence;
  /** The keys under which personal data is encrypted: `store.readSubjectKeys` of the trail, with `create` set. */
  readonly readKeys: ReadSubjectKeys;
  /** Where to write: one file (a tar archive), or a directory of the same files. One of the two is needed. */
  readonly file?: string;
  readonly directory?: string;
  /** Where to write a page that shows the entries and verifies them in a browser. Needs `file`; up to 64 MiB of it. */
  readonly page?: string;
  /** Where to write the keys that open the personal data. Nowhere unless said: whoever has this file reads everything. */
  readonly disclosure?: string;
  /** Only the entries that match; the others are left out, and a verifier says how many. The whole trail unless said. */
  readonly query?: string;
  /** The text of a policy (C2SP tlog-policy) for readers to compare with the one they know. */
  readonly policy?: string;
  readonly signal?: AbortSignal;
}

export interface ExportedEvidence {
  /** It shows the trail as it was when it had so many entries. */
  readonly size: number;
  /** How many of them are in it: those that were not pruned, and that match. */
  readonly shown: number;
  readonly bytes: number;
  /** How many subjects' keys are in the disclosure. */
  readonly disclosed: number;
  /** What a verifier says of what was written, by the policy given; without one, only that it does not contradict itself. */
  readonly report: VerificationReport;
}

const optionNames = ["evidence", "readKeys", "file", "directory", "page", "disclosure", "query", "policy", "signal"];

/**
 * Exports a trail as evidence that verifies on another machine, without us, our database or the network. It shows the
 * trail as its newest checkpoint signed it, streams, and takes little memory whatever the size; personal data is
 * encrypted. What was written is read back and verified, and the report says so: an erasure that is carried out at the same
 * moment may spoil an export, which is then to be made again.
 *
 * Errors: `EVIDENCE_UNSEALED`, `EVIDENCE_TOO_LARGE`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `FILE_UNREADABLE`, `VERIFY_MALFORMED` where the trail
 * has a hole, `VERIFY_POLICY_INVALID`, those of the source.
 *
 * @example
 * const evidence = await openStoreEvidence(store, "default");
 * const readKeys = (subjects) => store.readSubjectKeys("default", subjects, true);
 * await exportEvidence({ evidence, readKeys, file: "trail.evidence.tar", policy });
 */
export async function exportEvidence(options: ExportEvidenceOptions): Promise<ExportedEvidence> {
  assertKnownOptions("exportEvidence()", options, optionNames);
  const { file, directory, page, disclosure, policy, signal } = options;
  if ((file === undefined) === (directory === undefined)) throw invalid("give either file or directory, to say where");
  if (page !== undefined && file === undefined)
    throw invalid("a page is made of the one file, so file has to be given with it");
  const trusted = policy === undefined ? undefined : parseTlogPolicy(policy);
  const checkpoint = await newestCheckpoint(options.evidence);
  const select = options.query === undefined ? undefined : createSelection(options.query);
  const locking = lockEvidence(options.evidence, options.readKeys, disclosure !== undefined);
  const { evidence, sealPart } = locking;
  const files = inTurns(
    writeEvidenceFiles(evidence, {
      checkpoint,
      sealPart,
      ...(select === undefined ? {} : { select }),
      ...(policy === undefined ? {} : { policy }),
    }),
    signal,
  );
  const bytes =
    directory === undefined ? await writeWhole(file!, encodeTar(files)) : await writeDirectory(directory, files);
  if (page !== undefined) await writeWhole(page, htmlChunks(file!, evidence.origin));
  if (disclosure !== undefined)
    await writeWhole(disclosure, [formatDisclosure({ origin: evidence.origin, keys: locking.used })]);
  using opened = await openEvidence((file ?? directory)!);
  const report = await verifyTrail(opened.evidence, trusted, signal === undefined ? {} : { signal });
  const { PRUNED, WITHHELD, MISSING } = report.counts;
  return {
    size: report.size,
    shown: report.size - PRUNED - WITHHELD - MISSING,
    bytes,
    disclosed: locking.used.size,
    report,
  };
}

async function newestCheckpoint(evidence: TrailEvidence): Promise<string> {
  let newest: { readonly size: number; readonly note: string } | undefined;
  for await (const { note } of evidence.readCheckpoints()) {
    const { size } = parseCheckpoint(parseSignedNote(note).text);
    if (size <= evidence.size && size >= (newest?.size ?? 1)) newest = { size, note };
  }
  if (newest !== undefined) return newest.note;
  throw new AuditError(
    "EVIDENCE_UNSEALED",
    "Cannot export evidence: no checkpoint was signed about this trail, so nothing could be proved by it. Publish a checkpoint first.",
  );
}

/**
 * Lets the event loop turn after each file. A store in this thread answers without one, and then nothing else would get its
 * turn: no signal, and no freeing of what ciphers hold outside the heap.
 */
async function* inTurns<Item>(items: AsyncIterable<Item>, signal: AbortSignal | undefined): AsyncIterable<Item> {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
    await nextTurn();
  }
}

function invalid(problem: string): AuditError {
  return new AuditError("OPTION_INVALID", `Cannot export evidence: ${problem}.`);
}
