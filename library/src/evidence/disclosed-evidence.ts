import { VerificationError } from "../integrity/verification-error.ts";
import { quote } from "../base/errors.ts";
import type { EvidencePart } from "../integrity/evidence.ts";
import type { FileEvidence } from "../integrity/evidence-files.ts";
import type { SealedLine } from "../integrity/evidence-lines.ts";
import { createUnlock, type Disclosure } from "./disclosure.ts";

/**
 * The same evidence with the personal data opened that a disclosure has the keys for.
 * Errors: `VERIFY_ORIGIN_MISMATCH` where the keys are another trail's.
 */
export function discloseEvidence(evidence: FileEvidence, disclosure: Disclosure): FileEvidence {
  if (disclosure.origin !== evidence.origin) {
    throw new VerificationError(
      "VERIFY_ORIGIN_MISMATCH",
      `The disclosure is for the trail ${quote(disclosure.origin)}, the evidence is of ${quote(evidence.origin)}.`,
    );
  }
  const unlock = createUnlock(evidence.origin, disclosure);
  const open = (parts: readonly EvidencePart[], seq: number): Promise<EvidencePart[]> =>
    Promise.all(parts.map((part) => unlock({ ...(part as SealedLine), seq })));
  return {
    ...evidence,
    async *readEntries(from, to) {
      for await (const block of evidence.readEntries(from, to)) {
        const entries = await Promise.all(
          block.entries.map(async (entry) =>
            entry.parts.length === 0 ? entry : { ...entry, parts: await open(entry.parts, entry.seq) },
          ),
        );
        yield { ...block, entries };
      }
    },
  };
}
