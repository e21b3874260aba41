import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";

import { round } from "../machine.ts";
import { createRandom, shopEvent } from "../shop-events.ts";
import type { Scenario } from "./scenario.ts";

const limitMiB = 250;

const mapping = {
  log: "shop",
  action: "{action}",
  occurredAt: "{at}",
  actor: { type: "user", id: "{actor}" },
  target: { type: "order", id: "{order}" },
  message: "{message}",
};

/** The command itself, as a process of its own, so that its memory is its own. */
export const transfer: Scenario = {
  name: "transfer",
  says: "importing and exporting 1,000,000 events through the CLI, each in under 250 MB of memory",
  async run({ directory, factor, say }) {
    const count = Math.round(1_000_000 * factor);
    const source = join(directory, "events.jsonl");
    const store = join(directory, "trail.db");
    await writeEvents(source, count);
    await writeFile(join(directory, "mapping.json"), JSON.stringify(mapping));
    await auditrail(["init", store]);
    const imported = await auditrail([
      "import",
      "jsonl",
      source,
      "--mapping",
      join(directory, "mapping.json"),
      "--store",
      store,
    ]);
    say(`import: ${imported.peakMiB} MiB at most, ${round(imported.seconds, 1)} s for ${count} events`);
    const exported = await auditrail([
      "export",
      "--format",
      "jsonl",
      "-o",
      join(directory, "out.jsonl"),
      "--store",
      store,
    ]);
    say(`export: ${exported.peakMiB} MiB at most, ${round(exported.seconds, 1)} s`);
    return {
      ratios: { importMemory: limitMiB / imported.peakMiB, exportMemory: limitMiB / exported.peakMiB },
      targets: { importMemory: 1, exportMemory: 1 },
    };
  },
};

async function writeEvents(file: string, count: number): Promise<void> {
  const random = createRandom(4);
  const out = createWriteStream(file);
  for (let index = 0; index < count; index += 1) {
    const [action, { actor, target, message }] = shopEvent(index, random);
    const at = new Date(Date.UTC(2026, 0, 1) + index * 7_000).toISOString();
    const line = `${JSON.stringify({ at, action, actor: actor?.id, order: target?.id, message, number: index })}\n`;
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await finished(out);
}

/** Prints the peak of the process's memory (its own, as the kernel counts it) when it ends. */
const probe =
  "data:text/javascript," +
  encodeURIComponent(
    `import { peakMemoryBytes } from ${JSON.stringify(import.meta.resolve("../peak-memory.ts"))};` +
      'process.on("exit", () => process.stderr.write(`\\npeak ${peakMemoryBytes()}\\n`));',
  );

async function auditrail(
  parameters: readonly string[],
): Promise<{ readonly peakMiB: number; readonly seconds: number }> {
  const command = join(import.meta.dirname, "../../library/bin/auditrail.js");
  const started = performance.now();
  const { stderr } = await promisify(execFile)(process.execPath, ["--import", probe, command, ...parameters], {
    maxBuffer: 2 ** 26,
  });
  const peakBytes = Number(/peak (\d+)/.exec(stderr)?.[1]);
  return { peakMiB: Math.round(peakBytes / 2 ** 20), seconds: (performance.now() - started) / 1000 };
}
