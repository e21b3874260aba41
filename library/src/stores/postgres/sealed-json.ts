/** Sealed parts as JSON, which all drivers read alike; `derive-entry.ts` writes the same. */

import { decodeHex } from "../../base/bytes.ts";
import type { SealedPart } from "../../event/entry.ts";
import { readWrittenText } from "./names.ts";
import { sql } from "./sql-part.ts";

/** Those of the row `e` of `entry`, as text. */
export const sealedAsJson = sql`(SELECT json_agg(json_build_object('part', s.part, 'subject', s.subject, 'salt', encode(s.salt, 'hex'), 'bytes', encode(s.bytes, 'hex')) ORDER BY s.part)
  FROM $schema.sealed s WHERE s.key = e.key)::text`;

export function readSealedJson(text: string | null): readonly SealedPart[] {
  const parts = JSON.parse(text ?? "[]") as readonly Record<"part" | "subject" | "salt" | "bytes", string>[];
  return parts.map(({ part, subject, salt, bytes }) => ({
    ...{ index: Number(part), subject: readWrittenText(subject) },
    ...{ salt: decodeHex(salt), bytes: decodeHex(bytes) },
  }));
}
