import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "vitest";

/** An empty directory of a whole suite, removed when that ends. */
export function suiteDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-real-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
