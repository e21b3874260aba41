/**
 * Bundles the scripts that stand alone, each into one file of the build's output: that of the evidence page
 * (library/src/evidence/page/), and the timeline that other pages embed (console/src/embed/). Part of `npm run build`,
 * after the console, whose directory the second goes into.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
/** An application loads it into a page of its own: it must not be felt there. */
const embedLimitBytes = 12_000;

async function bundle(input: string, file: string): Promise<void> {
  const made = await rolldown({ input: join(root, input), platform: "browser", logLevel: "warn" });
  await made.write({ file: join(root, file), format: "iife", minify: true });
  await made.close();
}

const embed = "library/dist/console/embed.js";
await bundle("library/src/evidence/page/main.ts", "library/dist/evidence/page-bundle.js");
await bundle("console/src/embed/main.ts", embed);

const bytes = gzipSync(readFileSync(join(root, embed))).length;
process.stdout.write(`embed.js: ${(bytes / 1000).toFixed(1)} kB (gzip)\n`);
if (bytes > embedLimitBytes) throw new Error(`embed.js has ${bytes} bytes; the limit is ${embedLimitBytes}.`);
