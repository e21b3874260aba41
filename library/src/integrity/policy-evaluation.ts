/** Holding a checkpoint against a policy: who has signed it, and is that enough (C2SP tlog-policy). */

import { quote } from "../base/errors.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./note-key.ts";
import type { TlogPolicy } from "./policy.ts";
import {
  checkSignatures,
  formatSignedNote,
  isSameKey,
  type SignedNote,
  type VerifiedSignature,
} from "./signed-note.ts";
import { VerificationError } from "./verification-error.ts";

export interface WitnessVerdict {
  /** The name in the policy. */
  readonly name: string;
  /** When it cosigned, by its own clock. */
  readonly timeSeconds: number;
}

export interface PolicyVerdict {
  readonly checkpoint: Checkpoint;
  /** The log's keys that signed: at least one. */
  readonly logKeys: readonly VerifierKey[];
  /** All witnesses of the policy that cosigned, also those that the quorum did not need. */
  readonly witnesses: readonly WitnessVerdict[];
}

/**
 * Returns who vouches for the checkpoint in a note, when that satisfies the policy. A log's signature counts only under its own
 * origin. `knownLogs` are keys that the caller knows from elsewhere, for a policy that names no log.
 * Errors: `VERIFY_MALFORMED`, `VERIFY_SIGNATURE_INVALID` for a wrong signature by anyone the policy names, `VERIFY_SIGNATURE_MISSING` without a
 * log's signature, `VERIFY_ORIGIN_MISMATCH`, `VERIFY_POLICY_UNMET`, `VERIFY_POLICY_INVALID`.
 */
export function evaluatePolicy(
  policy: TlogPolicy,
  note: SignedNote,
  knownLogs: readonly VerifierKey[] = [],
): PolicyVerdict {
  const checkpoint = parseCheckpoint(note.text);
  const logs = [...policy.logs.map((log) => log.key), ...knownLogs];
  if (logs.length === 0)
    throw new VerificationError(
      "VERIFY_POLICY_INVALID",
      "The policy names no log, and no key of one was given besides.",
    );
  const { verified } = checkSignatures(note, [...logs, ...policy.witnesses.map((witness) => witness.key)]);
  const logKeys = logsThatSigned(logs, checkpoint, verified, note);
  const witnesses = witnessesThatSigned(policy, verified);
  assertQuorum(policy, witnesses, note);
  return { checkpoint, logKeys, witnesses };
}

function logsThatSigned(
  logs: readonly VerifierKey[],
  { origin }: Checkpoint,
  verified: readonly VerifiedSignature[],
  note: SignedNote,
): readonly VerifierKey[] {
  const signed = logs.filter((key) => verified.some((signature) => isSameKey(signature.key, key)));
  const ofOrigin = signed.filter((key) => key.name === origin);
  if (ofOrigin.length > 0) return ofOrigin;
  const evidence = { checkpoints: [formatSignedNote(note)] };
  if (signed.length > 0 || !logs.some((key) => key.name === origin)) {
    const names = logs.map((key) => quote(key.name)).join(", ");
    throw new VerificationError(
      "VERIFY_ORIGIN_MISMATCH",
      `The checkpoint belongs to ${quote(origin)}; the policy trusts ${names}.`,
      { evidence },
    );
  }
  throw new VerificationError(
    "VERIFY_SIGNATURE_MISSING",
    `The checkpoint is not signed by a key of ${quote(origin)} that the policy trusts.`,
    { evidence },
  );
}

function witnessesThatSigned(policy: TlogPolicy, verified: readonly VerifiedSignature[]): readonly WitnessVerdict[] {
  return policy.witnesses.flatMap(({ name, key }) => {
    const signature = verified.find((one) => isSameKey(one.key, key));
    return signature?.timeSeconds === undefined ? [] : [{ name, timeSeconds: signature.timeSeconds }];
  });
}

function assertQuorum(policy: TlogPolicy, witnesses: readonly WitnessVerdict[], note: SignedNote): void {
  const counted = new Set(witnesses.map((witness) => witness.name));
  for (const group of policy.groups) {
    if (group.members.filter((member) => counted.has(member)).length >= group.threshold) counted.add(group.name);
  }
  if (policy.quorum === "none" || counted.has(policy.quorum)) return;
  const signed = witnesses.map((witness) => witness.name);
  throw new VerificationError(
    "VERIFY_POLICY_UNMET",
    `The checkpoint does not reach the quorum ${quote(policy.quorum)}: cosigned by ${signed.map((name) => quote(name)).join(", ") || "no witness"}.`,
    { details: { quorum: policy.quorum, signed }, evidence: { checkpoints: [formatSignedNote(note)] } },
  );
}
