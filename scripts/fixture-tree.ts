/** A small repository in a temporary folder, for tests of the checks. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes the files (path → text), hands the folder to `use`, and removes it. */
export function withFixtureTree<Answer>(
  files: Readonly<Record<string, string>>,
  use: (root: string) => Answer,
): Answer {
  const root = mkdtempSync(join(tmpdir(), "auditrail-checks-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
