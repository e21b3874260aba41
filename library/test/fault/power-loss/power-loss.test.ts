import { describe, expect, it } from "vitest";

import { cutPower } from "./cut-power.ts";
import { hasStrace } from "./traced-disk.ts";

// `npm run fault -- power-loss` reopens every image; here they are spread over the run.
describe.skipIf(!hasStrace && process.env["CI"] === undefined)("a power cut", () => {
  it("loses nothing that was acknowledged, wherever it comes", { timeout: 120_000 }, async () => {
    const { images, lost, damaged } = await cutPower("FULL", 24, 160);
    expect(images).toBeGreaterThan(80);
    expect(damaged).toEqual([]);
    expect(lost).toBe(0);
  });

  it("does lose acknowledged events where flushing is off, so that this harness can tell", { timeout: 120_000 }, async () => {
    const { lost } = await cutPower("NORMAL", 24, 160);
    expect(lost).toBeGreaterThan(0);
  });
});
