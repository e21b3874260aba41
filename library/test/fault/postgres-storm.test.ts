/** Short; `npm run fault -- postgres` goes on for as long as it is told. */

import { expect, test } from "vitest";

import { storm } from "./postgres/storm.ts";

test("every committed event is sealed once, whatever is killed, ended or cut off, where a reader by numbers loses some", async () => {
  const figures = await storm({ seconds: 4, events: 150, writers: 32, crashes: 1 });
  expect(figures.problems).toEqual([]);
  expect(figures.sealed).toBeGreaterThanOrEqual(figures.committed);
  // That all of it happened.
  expect(figures.committed).toBeGreaterThanOrEqual(150);
  expect(figures.rolledBack).toBeGreaterThan(0);
  expect(figures.killedSequencers).toBeGreaterThan(1);
  expect(figures.endedConnections).toBeGreaterThan(1);
  expect(figures.missedByNumber).toBeGreaterThan(0);
}, 120_000);
