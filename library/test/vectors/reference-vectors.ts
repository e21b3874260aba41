/**
 * Reference vectors made by others. They are no part of this repository: they lie in a folder `shared/vectors` beside it,
 * and where that is missing the tests say so and are skipped.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const folder = join(import.meta.dirname, "../../../../shared/vectors");

/** Why the tests over these vectors cannot run, `undefined` when they can. */
export function missingReferenceVectors(): string | undefined {
  return existsSync(folder) ? undefined : "the reference vectors (shared/vectors beside the repository) are not here";
}

export interface VectorFile {
  readonly name: string;
  readonly text: string;
}

export function readVectorFiles(subfolder: string): readonly VectorFile[] {
  const root = join(folder, subfolder);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .sort()
    .map((path) => ({ name: relative(root, join(root, path)), text: readFileSync(join(root, path), "utf8") }));
}
