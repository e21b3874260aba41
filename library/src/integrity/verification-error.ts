/**
 * What a verifier says of bytes that it does not trust. Malformed, forged and inconsistent input all end here: a
 * verifier never answers with a `TypeError`, and never with a doubtful "yes".
 */

import type { ErrorCode } from "../base/error-codes.ts";
import { AuditError, isAuditError } from "../base/errors.ts";

/** The closed list of what verification can find, each with a section in `docs/reference/errors.md`. */
export type VerificationCode = Extract<ErrorCode, `VERIFY_${string}`>;

/** What an accusation rests on, so that somebody else can check it without asking us. */
export interface VerificationEvidence {
  /** The checkpoints as they were signed, the older one first; unsigned texts where there was no note. */
  readonly checkpoints?: readonly string[];
  /** The Merkle proof that did not hold. */
  readonly proof?: readonly Uint8Array[];
  /** The leaf hash that should have been included. */
  readonly leafHash?: Uint8Array;
  /** The note whose signature does not match. */
  readonly note?: string;
}

export interface VerificationErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly evidence?: VerificationEvidence;
}

/** An {@link AuditError} of a verifier; where it accuses somebody it carries the evidence. */
export class VerificationError extends AuditError {
  override readonly name = "VerificationError";
  declare readonly code: VerificationCode;
  readonly evidence: VerificationEvidence;

  constructor(code: VerificationCode, message: string, options: VerificationErrorOptions = {}) {
    super(code, message, options);
    this.evidence = options.evidence ?? {};
  }
}

/** The error for bytes that are not what they should be: nothing was compared yet, so there is no evidence. */
export function malformed(message: string, cause?: unknown): VerificationError {
  return new VerificationError("VERIFY_MALFORMED", message, cause === undefined ? {} : { cause });
}

/** An error that is a verifier's finding, also one that came out of another thread. Anything else is thrown on. */
export function asVerificationError(error: unknown): VerificationError {
  if (error instanceof VerificationError) return error;
  if (!isAuditError(error) || !error.code.startsWith("VERIFY_")) throw error;
  return new VerificationError(error.code as VerificationCode, error.message, { details: error.details, cause: error });
}
