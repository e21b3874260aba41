import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes files into a directory. */
export async function writeFiles(directory: string, files: AsyncIterable<{ readonly path: string; readonly bytes: Uint8Array }>): Promise<void> {
  for await (const { path, bytes } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}
