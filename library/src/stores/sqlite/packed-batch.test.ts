import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { packAppended, packEntries, packStored, unpackAppended, unpackEntries, unpackStored } from "./packed-batch.ts";

const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 40 });
const part = fc.record({ index: fc.nat(9), subject: fc.string(), salt: bytes(16), bytes: bytes(0) });
const entry = fc.record({
  tenant: fc.string({ minLength: 1 }),
  id: fc.uuid(),
  text: fc.string({ unit: "binary" }),
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  sealed: fc.array(part, { maxLength: 3 }),
});

describe("a packed batch", () => {
  it("comes out as it went in, also through a structured clone", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        expect(unpackEntries(structuredClone(packEntries(entries)))).toEqual(entries);
      }),
    );
  });

  it("brings stored entries back as they were read", () => {
    const stored = fc.record({
      seq: fc.maxSafeNat(),
      recordedAtMicros: fc.maxSafeNat(),
      hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      text: fc.string({ unit: "binary" }),
      sealed: fc.array(part, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(stored, { maxLength: 20 }), (entries) => {
        expect(unpackStored(structuredClone(packStored(entries)))).toEqual(entries);
      }),
    );
  });

  it("brings back positions, times and the entries that were there before", () => {
    const stored = { seq: 3, recordedAtMicros: 5, hash: new Uint8Array(32), text: "{}", sealed: [] };
    const appended = [
      { seq: 2 ** 31, recordedAtMicros: 2 ** 52 },
      { seq: 3, recordedAtMicros: 5, existing: stored },
    ];
    expect(unpackAppended(structuredClone(packAppended(appended)))).toEqual(appended);
  });
});
