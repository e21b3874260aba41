import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const script = join(import.meta.dirname, "memory-process.ts");

test.each(["jsonl", "cloudtrail"])(
  "200,000 records of %s are imported with flat memory",
  async (kind) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, kind, "200000"]);
    const { heaps, recorded, peakMiB } = JSON.parse(stdout) as {
      heaps: readonly number[];
      recorded: number;
      peakMiB: number;
    };
    expect(recorded).toBe(200_000);
    expect(heaps).toHaveLength(4);
    // Telling repeated lines apart takes up to 24 bytes for each; nothing else may grow.
    expect(heaps[3]! - heaps[0]!).toBeLessThan(15);
    // Node runs the sources of this test as TypeScript here, which alone costs a hundred.
    expect(peakMiB).toBeLessThan(400);
  },
  120_000,
);
