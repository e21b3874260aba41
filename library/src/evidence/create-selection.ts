import { decodeUtf8, encodeHex } from "../base/bytes.ts";
import { systemClock } from "../base/time.ts";
import { openEvent, type SealedPart } from "../event/entry.ts";
import { erasureActions } from "../event/erasure-order.ts";
import type { EvidenceEntry } from "../integrity/evidence.ts";
import type { WriteEvidenceOptions } from "../integrity/write-evidence-files.ts";
import { matches } from "../query/matches.ts";
import { parseQuery } from "../query/parse-query.ts";

/** What announces erasures and holds goes with every selection: it explains what is missing in the entries shown. */
const always: readonly string[] = [...erasureActions, "auditrail.held", "auditrail.hold-released"];

/** The entries that match a query. Times without a zone are in UTC. Errors: `QUERY_INVALID`. */
export function createSelection(text: string): NonNullable<WriteEvidenceOptions["select"]> {
  const query = parseQuery(text, { now: systemClock.nowMicros(), zone: "UTC" });
  return {
    says: text.replace(/\s+/g, " ").trim(),
    wants({ seq, bytes, leafHash = new Uint8Array(0), parts }: EvidenceEntry): boolean {
      const open = parts.filter((part): part is SealedPart => !("locked" in part));
      const { event, erased } = openEvent(typeof bytes === "string" ? bytes : decodeUtf8(bytes), open);
      return (
        always.includes(event.action) ||
        matches(query, { seq, recordedAt: event.occurredAt, hash: encodeHex(leafHash), event, erased })
      );
    },
  };
}
