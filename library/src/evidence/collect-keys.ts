import { AuditError, quote } from "../base/errors.ts";
import type { TrailEvidence } from "../integrity/evidence.ts";
import type { SealedLine } from "../integrity/evidence-lines.ts";
import { lockPart } from "./lock-part.ts";

/** The keys of these subjects; those that have none are made. `Store.readSubjectKeys` of one trail. */
export type ReadSubjectKeys = (subjects: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;

export interface LockingEvidence {
  /** The trail, read through: the keys that a block of entries takes are fetched with it, all at once. */
  readonly evidence: TrailEvidence;
  readonly sealPart: (part: SealedLine) => Promise<SealedLine>;
  /** Every key that was used, by subject; empty where nobody asked for them. */
  readonly used: ReadonlyMap<string, Uint8Array>;
}

/** Keys that are kept from block to block: people come again and again, and a trail may have more of them than memory. */
const keptKeys = 20_000;

/** Encrypts every part under its subject's key. `keepUsed` remembers the keys, for a disclosure. */
export function lockEvidence(evidence: TrailEvidence, readKeys: ReadSubjectKeys, keepUsed: boolean): LockingEvidence {
  const keys = new Map<string, Uint8Array>();
  const used = new Map<string, Uint8Array>();

  async function fetchKeys(subjects: ReadonlySet<string>): Promise<void> {
    const missing = [...subjects].filter((subject) => !keys.has(subject));
    if (missing.length === 0) return;
    if (keys.size + missing.length > keptKeys) keys.clear();
    const wanted = [...subjects].filter((subject) => !keys.has(subject));
    for (const [subject, key] of await readKeys(wanted)) keys.set(subject, key);
  }

  async function* readEntries(from: number, to: number): ReturnType<TrailEvidence["readEntries"]> {
    for await (const block of evidence.readEntries(from, to)) {
      await fetchKeys(new Set(block.entries.flatMap(({ parts }) => parts.map(({ subject }) => subject))));
      yield block;
    }
  }

  return {
    evidence: { ...evidence, readEntries },
    used,
    async sealPart(part) {
      // What is evidence already, and locked, goes on as it is.
      if ("locked" in part) return part;
      const { seq, index, subject, salt, bytes } = part;
      const key = keys.get(subject) ?? (await readKeys([subject])).get(subject);
      if (key === undefined)
        throw new AuditError("STORE_FAILED", `Cannot export: the store gave no key for ${quote(subject)}.`);
      if (keepUsed) used.set(subject, key);
      return {
        seq,
        index,
        subject,
        locked: true,
        lockedBytes: lockPart({ salt, bytes }, key, { origin: evidence.origin, seq, index }),
      };
    },
  };
}
