/**
 * Whatever is done to a small trail, one thing at a time: it is classified, never passed as verified, and nothing crashes.
 *
 * `npm run mutate` flips every single bit (an hour or two); here it is every so-many-th, with steps that share no factor with a byte.
 */

import { beforeAll, describe, expect, test } from "vitest";

import { encodeUtf8 } from "../../src/base/bytes.ts";
import { isAuditError } from "../../src/base/errors.ts";
import {
  formatTlogProof,
  makeInclusionProof,
  verifyProofFile,
  verifyTrail,
  type EvidenceEntry,
  type OpenPart,
} from "../../src/integrity/index.ts";
import { leafHash } from "../../src/integrity/leaf.ts";
import { createLeafHashReader } from "../../src/integrity/merkle-tree.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import {
  copyEvidence,
  openCopy,
  policy,
  recordSample,
  storeOrigin,
  tenant,
  type EvidenceCopy,
} from "./sample-trail.ts";

const isWhole = process.env["AUDITRAIL_MUTATE"] === "all";
const timeoutMs = isWhole ? 6 * 3_600_000 : 60_000;

let sample: EvidenceCopy;

beforeAll(async () => {
  const store = openMemoryStore({ origin: storeOrigin });
  await recordSample(store as never);
  const copied = await copyEvidence(await openStoreEvidence(store as never, tenant));
  sample = {
    ...copied,
    entries: copied.entries.map((entry) => ({ ...entry, bytes: encodeUtf8(String(entry.bytes)) })),
  };
});

/** The bits of so many bytes that are tried. */
function bitsOf(sizeBytes: number, step: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < sizeBytes * 8; bit += isWhole ? 1 : step) bits.push(bit);
  return bits;
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

function flipText(text: string, bit: number): string {
  return new TextDecoder("utf-8").decode(flip(encodeUtf8(text), bit));
}

type Outcome = "tampered" | "unproven" | "verified" | "refused";

/** Anything but a report or an error of ours fails the test. */
async function outcomeOf(changed: EvidenceCopy): Promise<Outcome> {
  try {
    const report = await verifyTrail(openCopy(changed), policy);
    if (report.verdict === "tampered") expect(report.positions.length + report.findings.length).toBeGreaterThan(0);
    return report.verdict;
  } catch (error) {
    if (isAuditError(error) && error.code.startsWith("VERIFY_")) return "refused";
    throw error;
  }
}

async function expectAllTampered(mutants: Iterable<readonly [name: string, copy: EvidenceCopy]>): Promise<void> {
  const passed: string[] = [];
  let count = 0;
  for (const [name, copy] of mutants) {
    count += 1;
    if ((await outcomeOf(copy)) !== "tampered") passed.push(name);
  }
  expect(count).toBeGreaterThan(10);
  expect(passed).toEqual([]);
}

function withEntry(seq: number, change: (entry: EvidenceEntry) => EvidenceEntry): EvidenceCopy {
  return { ...sample, entries: sample.entries.map((entry) => (entry.seq === seq ? change(entry) : entry)) };
}

describe("every bit", () => {
  test("of entries, under a full tile, at the right edge, and pending", { timeout: timeoutMs }, async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const seq of isWhole ? sample.entries.keys() : [0, 57, 255, 289, 299]) {
        const bytes = sample.entries[seq]!.bytes as Uint8Array;
        for (const bit of bitsOf(bytes.length, 173))
          yield [`entry ${seq} bit ${bit}`, withEntry(seq, (entry) => ({ ...entry, bytes: flip(bytes, bit) }))];
      }
    }
    await expectAllTampered(mutants());
  });

  test("of entries without a leaf hash beside them, as in exported files", { timeout: timeoutMs }, async () => {
    const bare = sample.entries.map(({ leafHash: _, ...entry }) => entry);
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const seq of isWhole ? [0, 57, 255, 256, 289] : [57, 289]) {
        const bytes = bare[seq]!.bytes as Uint8Array;
        for (const bit of bitsOf(bytes.length, 211)) {
          yield [
            `entry ${seq} bit ${bit}`,
            { ...sample, entries: bare.with(seq, { ...bare[seq]!, bytes: flip(bytes, bit) }) },
          ];
        }
      }
    }
    await expectAllTampered(mutants());
  });

  test("of leaf hashes", { timeout: timeoutMs }, async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const seq of isWhole ? sample.entries.keys() : [0, 270, 299]) {
        for (const bit of bitsOf(32, 29))
          yield [
            `leaf ${seq} bit ${bit}`,
            withEntry(seq, (entry) => ({ ...entry, leafHash: flip(entry.leafHash!, bit) })),
          ];
      }
    }
    await expectAllTampered(mutants());
  });

  test("of sealed parts: salt, bytes, subject, index", { timeout: timeoutMs }, async () => {
    const seq = 57;
    const part = sample.entries[seq]!.parts[0] as OpenPart;
    const withPart = (changed: Partial<OpenPart>): EvidenceCopy =>
      withEntry(seq, (entry) => ({ ...entry, parts: [{ ...part, ...changed }] }));
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const bit of bitsOf(part.salt.length, 5))
        yield [`salt bit ${bit}`, withPart({ salt: flip(part.salt, bit) })];
      for (const bit of bitsOf(part.bytes.length, 17))
        yield [`bytes bit ${bit}`, withPart({ bytes: flip(part.bytes, bit) })];
      for (const bit of bitsOf(part.subject.length, 1))
        yield [`subject bit ${bit}`, withPart({ subject: flipText(part.subject, bit) })];
      for (let bit = 0; bit < 31; bit += 4) yield [`index bit ${bit}`, withPart({ index: part.index ^ (1 << bit) })];
    }
    await expectAllTampered(mutants());
  });

  test("of tiles and of the right edge", { timeout: timeoutMs }, async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const [name, tile] of sample.tiles) {
        for (const bit of bitsOf(tile.length, 1009))
          yield [`tile ${name} bit ${bit}`, { ...sample, tiles: new Map([...sample.tiles, [name, flip(tile, bit)]]) }];
      }
      for (const bit of bitsOf(sample.edge!.length, 13))
        yield [`edge bit ${bit}`, { ...sample, edge: flip(sample.edge!, bit) }];
    }
    await expectAllTampered(mutants());
  });

  test("of checkpoints, and of the size and root beside them", { timeout: timeoutMs }, async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const [place, checkpoint] of sample.checkpoints.entries()) {
        const change = (changed: object): EvidenceCopy => ({
          ...sample,
          checkpoints: sample.checkpoints.with(place, { ...checkpoint, ...changed }),
        });
        for (const bit of bitsOf(encodeUtf8(checkpoint.note).length, 29))
          yield [`note ${place} bit ${bit}`, change({ note: flipText(checkpoint.note, bit) })];
        for (const bit of bitsOf(32, 31))
          yield [`root ${place} bit ${bit}`, change({ root: flip(checkpoint.root!, bit) })];
        for (let bit = 0; bit < 31; bit += 4)
          yield [`size ${place} bit ${bit}`, change({ size: checkpoint.size! ^ (1 << bit) })];
      }
    }
    await expectAllTampered(mutants());
  });

  test("of the number of entries and of the origin", { timeout: timeoutMs }, async () => {
    for (let bit = 0; bit < 31; bit += 1)
      expect(await outcomeOf({ ...sample, size: sample.size ^ (1 << bit) })).toBe("tampered");
    for (const bit of bitsOf(encodeUtf8(sample.origin).length, 1)) {
      expect(await outcomeOf({ ...sample, origin: flipText(sample.origin, bit) })).toMatch(/tampered|refused/);
    }
  });

  test("of a proof file and of the entry that it is about", { timeout: timeoutMs }, async () => {
    const index = 42;
    const checkpoint = sample.checkpoints.at(-1)!;
    const proof = makeInclusionProof(
      index,
      checkpoint.size!,
      createLeafHashReader(sample.entries.map(({ bytes }) => leafHash(bytes))),
    );
    const file = encodeUtf8(formatTlogProof({ index, proof, checkpoint: checkpoint.note }));
    const entry = sample.entries[index]!.bytes as Uint8Array;
    await expect(verifyProofFile(file, entry, policy)).resolves.toMatchObject({ index });
    const refusal = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "accepted",
        (error: { code?: string }) => error.code ?? error,
      );
    for (const bit of bitsOf(file.length, 3))
      expect(await refusal(verifyProofFile(flip(file, bit), entry, policy)), `bit ${bit}`).toMatch(/^VERIFY_/);
    for (const bit of bitsOf(entry.length, 3))
      expect(await refusal(verifyProofFile(file, flip(entry, bit), policy)), `bit ${bit}`).toMatch(/^VERIFY_/);
  });
});

describe("whole entries, tiles and checkpoints", () => {
  const renumber = (entries: readonly EvidenceEntry[]): EvidenceEntry[] =>
    entries.map((entry, seq) => ({ ...entry, seq }));

  test(
    "every deletion, swap, duplicate and insertion, with and without moving the rest",
    { timeout: timeoutMs },
    async () => {
      function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
        const { entries } = sample;
        for (let seq = 0; seq < entries.length; seq += isWhole ? 1 : 23) {
          yield [`delete ${seq}`, { ...sample, entries: entries.toSpliced(seq, 1) }];
          yield [`delete ${seq} and move`, { ...sample, entries: renumber(entries.toSpliced(seq, 1)) }];
          yield [
            `insert at ${seq}`,
            { ...sample, entries: renumber(entries.toSpliced(seq, 0, entries[(seq + 150) % 300]!)) },
          ];
          yield [`duplicate ${seq}`, { ...sample, entries: entries.toSpliced(seq, 0, entries[seq]!) }];
          const other = (seq + 1) % entries.length;
          yield [
            `swap ${seq}`,
            { ...sample, entries: renumber(entries.with(seq, entries[other]!).with(other, entries[seq]!)) },
          ];
          yield [`replace ${seq}`, { ...sample, entries: entries.with(seq, { ...entries[other]!, seq }) }];
        }
      }
      await expectAllTampered(mutants());
    },
  );

  test("every truncation", { timeout: timeoutMs }, async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (let size = 0; size < sample.entries.length; size += isWhole ? 1 : 17) {
        yield [`cut to ${size}`, { ...sample, entries: sample.entries.slice(0, size) }];
        yield [`begin at ${size + 1}`, { ...sample, entries: sample.entries.slice(size + 1) }];
      }
    }
    await expectAllTampered(mutants());
  });

  test("tiles that are missing, swapped, cut or too long", async () => {
    function* mutants(): Iterable<readonly [string, EvidenceCopy]> {
      for (const [name, tile] of sample.tiles) {
        const others = [...sample.tiles].filter(([other]) => other !== name);
        yield [`without ${name}`, { ...sample, tiles: new Map(others) }];
        for (const size of [0, 1, 31, 32, tile.length - 32, tile.length - 1]) {
          if (size >= tile.length) continue;
          yield [`${name} cut to ${size}`, { ...sample, tiles: new Map([...others, [name, tile.slice(0, size)]]) }];
        }
        yield [
          `${name} too long`,
          { ...sample, tiles: new Map([...others, [name, Uint8Array.from([...tile, ...tile.slice(0, 32)])]]) },
        ];
        for (const [, other] of others)
          yield [`${name} swapped`, { ...sample, tiles: new Map([...others, [name, other]]) }];
      }
    }
    await expectAllTampered(mutants());
  });

  test("sealed parts that are missing, doubled or of another entry", async () => {
    const [a, b] = [57, 107].map((seq) => sample.entries[seq]!.parts) as [
      EvidenceEntry["parts"],
      EvidenceEntry["parts"],
    ];
    expect(await outcomeOf(withEntry(57, (entry) => ({ ...entry, parts: [] })))).toBe("tampered");
    expect(await outcomeOf(withEntry(57, (entry) => ({ ...entry, parts: [...a, ...a] })))).toBe("tampered");
    expect(await outcomeOf(withEntry(57, (entry) => ({ ...entry, parts: b })))).toBe("tampered");
    expect(await outcomeOf(withEntry(58, (entry) => ({ ...entry, parts: a })))).toBe("tampered");
  });

  test("without its checkpoints a trail is unproven, not verified; one of several can be left out by whoever keeps them", async () => {
    expect(await outcomeOf({ ...sample, checkpoints: [] })).toBe("unproven");
    // Nobody but a witness or a verifier with a memory knows how many there were.
    expect(await outcomeOf({ ...sample, checkpoints: sample.checkpoints.slice(1) })).toBe("verified");
  });
});
