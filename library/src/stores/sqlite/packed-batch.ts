/**
 * Entries as few large values instead of many small ones, for the way to the thread and back: copying thousands of
 * little objects and byte arrays costs both threads more than the work they are about.
 */

import type { StoredEntry } from "../../event/entry.ts";
import type { Placed, PreparedEntry } from "../../trail/contracts.ts";

/** The part of an entry that it has before it is stored and afterwards. */
type Content = Pick<StoredEntry, "text" | "hash" | "sealed">;

interface PackedContents {
  readonly texts: readonly string[];
  /** Of all sealed parts, in order: whose they are. */
  readonly subjects: readonly string[];
  /** Of all sealed parts, in order, four numbers: of which entry, its index there, bytes of salt, bytes of data. */
  readonly parts: Uint32Array;
  /** The leaf hashes of all entries, then salt and data of all parts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const hashBytes = 32;
const numbersPerPart = 4;

function packContents(entries: readonly Content[]): PackedContents {
  const sealed = entries.flatMap((entry) => entry.sealed);
  const sealedBytes = sealed.reduce((sum, { salt, bytes }) => sum + salt.length + bytes.length, 0);
  const bytes = new Uint8Array(entries.length * hashBytes + sealedBytes);
  const parts = new Uint32Array(sealed.length * numbersPerPart);
  let offset = entries.length * hashBytes;
  let place = 0;
  entries.forEach((entry, number) => {
    bytes.set(entry.hash, number * hashBytes);
    for (const { index, salt, bytes: data } of entry.sealed) {
      parts.set([number, index, salt.length, data.length], place);
      bytes.set(salt, offset);
      bytes.set(data, offset + salt.length);
      offset += salt.length + data.length;
      place += numbersPerPart;
    }
  });
  return { texts: entries.map(({ text }) => text), subjects: sealed.map(({ subject }) => subject), parts, bytes };
}

/** The same contents again; their bytes are views of the packed ones. */
function unpackContents({ texts, subjects, parts, bytes }: PackedContents): readonly Content[] {
  const contents = texts.map((text, number) => {
    const hash = bytes.subarray(number * hashBytes, (number + 1) * hashBytes);
    return { text, hash, sealed: [] as Content["sealed"][number][] };
  });
  let offset = texts.length * hashBytes;
  subjects.forEach((subject, part) => {
    const place = part * numbersPerPart;
    const [saltLength, dataLength] = [parts[place + 2]!, parts[place + 3]!];
    const salt = bytes.subarray(offset, offset + saltLength);
    const data = bytes.subarray(offset + saltLength, offset + saltLength + dataLength);
    contents[parts[place]!]!.sealed.push({ index: parts[place + 1]!, subject, salt, bytes: data });
    offset += saltLength + dataLength;
  });
  return contents;
}

export interface PackedEntries extends PackedContents {
  readonly tenants: readonly string[];
  readonly ids: readonly string[];
}

export function packEntries(entries: readonly PreparedEntry[]): PackedEntries {
  const [tenants, ids] = [entries.map(({ tenant }) => tenant), entries.map(({ id }) => id)];
  return { ...packContents(entries), tenants, ids };
}

export function unpackEntries({ tenants, ids, ...packed }: PackedEntries): PreparedEntry[] {
  return unpackContents(packed).map(({ text, hash, sealed }, number) => {
    return { tenant: tenants[number]!, id: ids[number]!, text, hash, sealed };
  });
}

export interface PackedStored extends PackedContents {
  readonly seqs: Float64Array;
  readonly recordedAtMicros: Float64Array;
}

export function packStored(entries: readonly StoredEntry[]): PackedStored {
  const seqs = Float64Array.from(entries, ({ seq }) => seq);
  const recordedAtMicros = Float64Array.from(entries, (entry) => entry.recordedAtMicros);
  return { ...packContents(entries), seqs, recordedAtMicros };
}

export function unpackStored({ seqs, recordedAtMicros, ...packed }: PackedStored): StoredEntry[] {
  return unpackContents(packed).map(({ text, hash, sealed }, number) => {
    return { seq: seqs[number]!, recordedAtMicros: recordedAtMicros[number]!, hash, text, sealed };
  });
}

export interface PackedAppended {
  readonly seqs: Float64Array;
  readonly recordedAtMicros: Float64Array;
  /** The entries whose ids were known, by their number in the batch: rarely any. */
  readonly existing: ReadonlyMap<number, StoredEntry>;
}

export function packAppended(appended: readonly Placed[]): PackedAppended {
  const existing = new Map<number, StoredEntry>();
  appended.forEach((each, number) => {
    if (each.existing !== undefined) existing.set(number, each.existing);
  });
  return {
    seqs: Float64Array.from(appended, ({ seq }) => seq),
    recordedAtMicros: Float64Array.from(appended, (each) => each.recordedAtMicros),
    existing,
  };
}

export function unpackAppended({ seqs, recordedAtMicros, existing }: PackedAppended): Placed[] {
  return Array.from(seqs, (seq, number) => {
    const known = existing.get(number);
    return { seq, recordedAtMicros: recordedAtMicros[number]!, ...(known === undefined ? {} : { existing: known }) };
  });
}
