import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

/** An empty directory of the running test, removed when that ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
