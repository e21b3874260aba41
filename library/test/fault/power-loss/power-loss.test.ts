import { describe, expect, it } from "vitest";

import { hasStrace, skipHere, withoutStrace } from "../skip-here.ts";
import { cutPower } from "./cut-power.ts";

// `npm run fault -- power-loss` reopens every image; here they are spread over the run.
describe("a power cut", () => {
  it(
    "loses nothing that was acknowledged, wherever it comes, and lets the guard sign on",
    { timeout: 120_000 },
    async ({ skip }) => {
      if (!hasStrace) return skipHere(skip, withoutStrace);
      const { images, lost, damaged } = await cutPower("FULL", 24, 160);
      expect(images).toBeGreaterThan(80);
      expect(damaged).toEqual([]);
      expect(lost).toBe(0);
    },
  );

  it(
    "does lose acknowledged events where flushing is off, so that this harness can tell",
    { timeout: 120_000 },
    async ({ skip }) => {
      if (!hasStrace) return skipHere(skip, withoutStrace);
      const { lost } = await cutPower("NORMAL", 24, 160);
      expect(lost).toBeGreaterThan(0);
    },
  );
});
