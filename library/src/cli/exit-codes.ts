/**
 * What a command's exit code says to the program that ran it. `docs/reference/exit-codes.md` has the same table; a
 * test compares the two. 64 and 66 are those of BSD's sysexits.h, 130 is what shells make of SIGINT.
 */

import { errorCodes, type ErrorCode } from "../base/error-codes.ts";

export const exitCodes = {
  ok: { code: 0, says: "Done. A question without an answer in the trail is also done." },
  failed: {
    code: 1,
    says: "It could not be done: the disk, a lock, a damaged file; or `doctor` found a problem, or `coverage` a gap that it was to fail on.",
  },
  tampered: { code: 2, says: "The trail contradicts itself: somebody or something changed or removed entries." },
  incomplete: { code: 3, says: "Done, except for parts of the input that could not be used; they were listed." },
  unproven: { code: 4, says: "`verify` found nothing wrong, but nobody whom you trust has signed it." },
  usage: { code: 64, says: "The command line, the query or the event cannot be understood; mend it and run it again." },
  notFound: { code: 66, says: "There is no trail at that place, or no such entry in it." },
  interrupted: { code: 130, says: "Stopped by SIGINT (Ctrl-C)." },
} as const;

export type ExitName = keyof typeof exitCodes;

/** The exit that an error leads to. */
export function exitOfError(code: ErrorCode): ExitName {
  if (code === "STORE_NOT_FOUND" || code === "ENTRY_NOT_FOUND") return "notFound";
  if (code === "STORE_FOREIGN" || code === "STORE_EXISTS") return "failed";
  const { fault } = errorCodes[code];
  if (fault === "caller") return "usage";
  return fault === "attacker" ? "tampered" : "failed";
}
