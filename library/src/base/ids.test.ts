import fc from "fast-check";
import { expect, test } from "vitest";

import { createIdSource, idFromDigest, idMicros, isEventId } from "./ids.ts";

test("ids are UUIDs of version 7 with the time of the clock in front", () => {
  const micros = 1_645_557_742_000_000; // the example of RFC 9562 appendix A.6
  const id = createIdSource({ nowMicros: () => micros })();
  expect(isEventId(id)).toBe(true);
  expect(id.startsWith("017f22e2-79b0-7")).toBe(true);
  expect(idMicros(id)).toBe(micros);
});

test("each id is greater than the one before, within a millisecond and when the clock steps back", () => {
  let micros = 5_000_000_000;
  const next = createIdSource({ nowMicros: () => micros });
  let last = "";
  for (let round = 0; round < 10_000; round += 1) {
    if (round % 3000 === 2999) micros -= 1_000_000;
    if (round % 500 === 499) micros += 3_000;
    const id = next();
    expect(id > last).toBe(true);
    last = id;
  }
  expect(isEventId(last)).toBe(true);
});

test("two sources with the same clock do not give the same id", () => {
  const clock = { nowMicros: () => 1_000_000 };
  const [a, b] = [createIdSource(clock), createIdSource(clock)];
  const ids = Array.from({ length: 1000 }, (_, round) => (round % 2 === 0 ? a() : b()));
  expect(new Set(ids).size).toBe(1000);
});

test("an id from a digest is the same each time, and another one for another digest", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Math.floor(Number.MAX_SAFE_INTEGER / 1000) }),
      fc.uint8Array({ minLength: 10, maxLength: 32 }),
      (millis, digest) => {
        const id = idFromDigest(millis * 1000, digest);
        expect(isEventId(id)).toBe(true);
        expect(idFromDigest(millis * 1000, digest.slice())).toBe(id);
        expect(idMicros(id)).toBe(millis * 1000);
        const other = digest.slice();
        other[1]! ^= 1;
        expect(idFromDigest(millis * 1000, other)).not.toBe(id);
      },
    ),
  );
});

test("nothing but a lower-case UUID of version 7 is an event id", () => {
  for (const text of [
    "",
    "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
    "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
    "017f22e279b07cc398c4dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
  ]) {
    expect(isEventId(text)).toBe(false);
  }
  expect(isEventId("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")).toBe(true);
});
