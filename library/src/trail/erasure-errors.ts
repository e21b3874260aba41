/** Why a store does not carry out an erasure: the same words from every store. */

import { AuditError, quote } from "../base/errors.ts";
import type { LegalHold } from "./contracts.ts";

export function held({ hold, subject, seq }: LegalHold): AuditError {
  const on = subject === undefined ? "the whole trail" : quote(subject);
  return new AuditError(
    "ERASURE_HELD",
    `Cannot erase: legal hold ${quote(hold)} on ${on} (entry ${seq}) is in force. It can be carried out once the hold is released.`,
    { details: { hold, seq, ...(subject === undefined ? {} : { subject }) } },
  );
}

/**
 * A hold that is over, but was in force when the erasure was announced: whoever announced it had no right to, and a
 * verifier would say so. It has to be ordered anew.
 */
export function wasHeld({ hold, seq }: LegalHold, by: number): AuditError {
  return new AuditError(
    "ERASURE_INVALID",
    `Cannot carry out the erasure that entry ${by} announces: legal hold ${quote(hold)} (entry ${seq}) was in force then. Order it again.`,
    {
      details: { by, hold },
    },
  );
}

export function invalid(by: number, found: string): AuditError {
  return new AuditError("ERASURE_INVALID", `Cannot carry out the erasure that entry ${by} announces: ${found}.`, {
    details: { by },
  });
}

export function unsealed(by: number): AuditError {
  return new AuditError(
    "ERASURE_UNSEALED",
    `Cannot erase yet: entry ${by}, which announces it, is in no signed checkpoint. Publish a checkpoint, then do it again.`,
    { details: { by } },
  );
}
