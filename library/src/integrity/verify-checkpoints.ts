/** Who vouches for what: the checkpoints of a trail, those remembered from earlier and those in the anchor trail, each held against the policy. */

import { quote } from "../base/errors.ts";
import { equalBytes } from "../base/bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { AnchorProof, EvidenceCheckpoint, TrailEvidence } from "./evidence.ts";
import { leafHash } from "./leaf.ts";
import { createVerifierKey, formatKeyId, signatureTypes, type VerifierKey } from "./note-key.ts";
import { evaluatePolicy, type WitnessVerdict } from "./policy-evaluation.ts";
import type { TlogPolicy } from "./policy.ts";
import { parseSignedNote } from "./signed-note.ts";
import { parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { asVerificationError, VerificationError, type VerificationCode } from "./verification-error.ts";
import { asMembers, parseEntry } from "./verify-entry.ts";
import type { Findings } from "./verify-findings.ts";
import type { FindingCode } from "./verify-reasons.ts";

/** Somebody else's word on when a checkpoint existed. */
export interface TimeWord {
  readonly by: string;
  readonly timeSeconds: number;
}

/** Verifies a time-stamp token over the text of a checkpoint. Errors: `VerificationError`. */
export type VerifyTimestamp = (token: Uint8Array, text: string) => Promise<TimeWord>;

export interface JudgedCheckpoint {
  /** In the trail itself; remembered by whoever verifies; in the anchor trail. */
  readonly source: "kept" | "remembered" | "anchored";
  readonly note: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Whether a key that the policy trusts has signed it. */
  readonly isSigned: boolean;
  /** Whether the policy's quorum is reached too. */
  readonly isAccepted: boolean;
  readonly witnesses: readonly WitnessVerdict[];
  readonly times: readonly TimeWord[];
}

export interface JudgeOptions {
  /** Without one, signatures are not looked at. */
  readonly policy: TlogPolicy | undefined;
  readonly verifyTimestamp: VerifyTimestamp | undefined;
  readonly findings: Findings;
}

/** Everything signed about a trail that can be read, once each; what cannot goes to the findings. */
export async function judgeCheckpoints(
  evidence: TrailEvidence,
  remembered: readonly string[],
  options: JudgeOptions,
): Promise<{ readonly checkpoints: readonly JudgedCheckpoint[]; readonly kept: number }> {
  const { findings } = options;
  const judge = createJudge(evidence.origin, options, (message, note) =>
    findings.report("TIMESTAMP_INVALID", message, [note]),
  );
  const judgeNote = (
    source: JudgedCheckpoint["source"],
    checkpoint: EvidenceCheckpoint,
  ): Promise<JudgedCheckpoint | undefined> =>
    attempt(judge.note(source, checkpoint), (error) =>
      findings.report(codes[error.code] ?? "CHECKPOINT_MALFORMED", error.message, [checkpoint.note]),
    );
  const checkpoints: JudgedCheckpoint[] = [];
  let kept = 0;
  // An idle trail publishes the same note again and again.
  let last: EvidenceCheckpoint | undefined;
  for await (const checkpoint of evidence.readCheckpoints()) {
    kept += 1;
    const isRepeated = checkpoint.note === last?.note && checkpoint.timestamp === undefined;
    last = checkpoint;
    const judged = isRepeated ? checkpoints.at(-1) : await judgeNote("kept", checkpoint);
    if (judged !== undefined) checkKept(checkpoint, judged, findings);
    if (judged !== undefined && !isRepeated) checkpoints.push(judged);
  }
  for (const note of remembered) {
    const judged = await judgeNote("remembered", { note });
    if (judged !== undefined) checkpoints.push(judged);
  }
  for await (const proof of evidence.readAnchorProofs?.() ?? []) {
    const judged = await attempt(judge.anchorProof(proof), (error) =>
      findings.report("ANCHOR_PROOF_INVALID", error.message),
    );
    if (judged !== undefined) checkpoints.push(judged);
  }
  if (options.policy !== undefined) checkSigned(checkpoints, findings);
  return { checkpoints, kept };
}

/**
 * A checkpoint that no trusted key has signed is a finding, unless its key has signed another one together with a
 * trusted key: keys are replaced so, and the verifier need not know all of them. It then vouches for nothing, but has to fit.
 */
function checkSigned(checkpoints: readonly JudgedCheckpoint[], findings: Findings): void {
  const companions = new Set(checkpoints.filter(({ isSigned }) => isSigned).flatMap(signersOf));
  for (const checkpoint of checkpoints) {
    if (checkpoint.isSigned || signersOf(checkpoint).some((signer) => companions.has(signer))) continue;
    findings.report("CHECKPOINT_UNSIGNED", `It has size ${checkpoint.size}.`, [checkpoint.note]);
  }
}

function signersOf({ note }: JudgedCheckpoint): readonly string[] {
  return parseSignedNote(note).signatures.map(({ name, keyId }) => `${name}+${formatKeyId(keyId)}`);
}

/** Size and root beside a note are there to find it by; they have to be the note's. */
function checkKept({ size, root }: EvidenceCheckpoint, judged: JudgedCheckpoint, findings: Findings): void {
  const isSame = (size === undefined || size === judged.size) && (root === undefined || equalBytes(root, judged.root));
  if (!isSame) findings.report("CHECKPOINT_CHANGED", `It was signed for size ${judged.size}.`, [judged.note]);
}

export interface Judge {
  /** Errors: `VERIFY_MALFORMED`, `VERIFY_ORIGIN_MISMATCH`, `VERIFY_SIGNATURE_INVALID`. */
  note(source: JudgedCheckpoint["source"], checkpoint: EvidenceCheckpoint): Promise<JudgedCheckpoint>;
  /** The checkpoint in an entry of the anchor trail, vouched for by whoever vouches for the anchor. Errors: also those of a proof. */
  anchorProof(proof: AnchorProof): Promise<JudgedCheckpoint>;
}

/** Holds what was signed about the trail of an origin against a policy. A time-stamp that does not hold is told of, and left out. */
export function createJudge(
  origin: string,
  { policy, verifyTimestamp }: Pick<JudgeOptions, "policy" | "verifyTimestamp">,
  onBadTimestamp: (message: string, note: string) => void,
): Judge {
  async function judgeNote(
    source: JudgedCheckpoint["source"],
    { note, timestamp }: EvidenceCheckpoint,
  ): Promise<JudgedCheckpoint> {
    const { origin: named, size, root } = parseCheckpoint(parseSignedNote(note).text);
    if (!isOriginOf(named, origin)) {
      throw new VerificationError("VERIFY_ORIGIN_MISMATCH", `It is of ${quote(named)}, the trail is ${quote(origin)}.`);
    }
    return { source, note, size, root, ...(await judgeSignatures(note, named, timestamp)) };
  }

  async function judgeSignatures(note: string, named: string, timestamp: Uint8Array | undefined) {
    const stamped = timestamp === undefined ? [] : await readTime(timestamp, note);
    const verdict = policy === undefined ? undefined : evaluateSignatures(policy, note, named);
    if (policy === undefined || verdict === undefined)
      return { isSigned: false, isAccepted: false, witnesses: [], times: stamped };
    const { witnesses } = verdict;
    const times = [...witnesses.map(({ name, timeSeconds }) => ({ by: `witness ${name}`, timeSeconds })), ...stamped];
    return { isSigned: true, isAccepted: reachesQuorum(policy, note, named), witnesses, times };
  }

  async function readTime(token: Uint8Array, note: string): Promise<readonly TimeWord[]> {
    if (verifyTimestamp === undefined) return [];
    const time = await attempt(verifyTimestamp(token, parseSignedNote(note).text), (error) =>
      onBadTimestamp(error.message, note),
    );
    return time === undefined ? [] : [time];
  }

  async function judgeAnchorProof({ entry, proof, timestamp }: AnchorProof): Promise<JudgedCheckpoint> {
    const anchorNote = parseTlogProof(proof).checkpoint;
    const anchor = parseCheckpoint(parseSignedNote(anchorNote).text).origin;
    if (policy !== undefined)
      verifyTlogProof(proof, leafHash(entry), { ...withKeysFor(policy, anchor), quorum: "none" });
    const event = parseEntry(entry);
    const note = asMembers(event?.["data"])?.["note"];
    if (event?.["action"] !== "auditrail.checkpointed" || typeof note !== "string") {
      throw new VerificationError("VERIFY_MALFORMED", "The entry of the anchor trail holds no checkpoint.");
    }
    const inner = await judgeNote("anchored", { note });
    const outer = await judgeSignatures(anchorNote, anchor, timestamp);
    return {
      ...inner,
      isAccepted: inner.isAccepted || (inner.isSigned && outer.isAccepted),
      witnesses: [...inner.witnesses, ...outer.witnesses],
      times: [...inner.times, ...outer.times],
    };
  }

  return { note: judgeNote, anchorProof: judgeAnchorProof };
}

/** What a verifier refuses is a finding; anything else is a fault of ours, and passes. */
async function attempt<Result>(
  work: Promise<Result>,
  onRefused: (error: VerificationError) => void,
): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    onRefused(asVerificationError(error));
    return undefined;
  }
}

const codes: Partial<Record<VerificationCode, FindingCode>> = {
  VERIFY_ORIGIN_MISMATCH: "CHECKPOINT_FOREIGN",
  VERIFY_SIGNATURE_INVALID: "CHECKPOINT_FORGED",
};

/** `undefined` where no key that the policy trusts has signed. */
function evaluateSignatures(policy: TlogPolicy, note: string, named: string) {
  try {
    return evaluatePolicy({ ...withKeysFor(policy, named), quorum: "none" }, parseSignedNote(note));
  } catch (error) {
    if (asVerificationError(error).code === "VERIFY_SIGNATURE_MISSING") return undefined;
    throw error;
  }
}

function reachesQuorum(policy: TlogPolicy, note: string, named: string): boolean {
  try {
    evaluatePolicy(withKeysFor(policy, named), parseSignedNote(note));
    return true;
  } catch (error) {
    if (asVerificationError(error).code === "VERIFY_POLICY_UNMET") return false;
    throw error;
  }
}

/** The checkpoints of a trail are of its origin, and from the second epoch on of `<origin>/epoch-<n>`. */
export function isOriginOf(named: string, origin: string): boolean {
  if (named === origin) return true;
  const epoch = named.startsWith(`${origin}/epoch-`) ? named.slice(`${origin}/epoch-`.length) : "";
  return /^[1-9]\d{0,8}$/.test(epoch) && epoch !== "1";
}

/**
 * A log's key in a policy vouches for its own name and for what lies below it: a store's key for the trails of the store, a trail's key
 * for its epochs. The key of each name is the same public key with that name.
 */
export function withKeysFor(policy: TlogPolicy, named: string): TlogPolicy {
  const keys = policy.logs.map(({ key }) => key).filter((key) => key.type === signatureTypes.ed25519);
  const isKnown = (key: VerifierKey): boolean =>
    keys.some((other) => other.name === named && other.keyId === key.keyId);
  const derived = keys
    .filter((key) => named.startsWith(`${key.name}/`))
    .map((key) => createVerifierKey(named, key.publicKey))
    .filter((key, place, all) => !isKnown(key) && all.findIndex((other) => other.keyId === key.keyId) === place);
  return derived.length === 0 ? policy : { ...policy, logs: [...policy.logs, ...derived.map((key) => ({ key }))] };
}
