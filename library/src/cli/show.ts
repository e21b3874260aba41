import type { Command } from "commander";

import { isEventId } from "../base/ids.ts";
import { AuditError, quote } from "../base/errors.ts";
import { addAskingOptions, askOptions, type AskingOptions } from "./asking-options.ts";
import type { CliEnvironment } from "./environment.ts";
import { drawEntry } from "./entry-sections.ts";
import { openForReading, type OpenedTrail } from "./open-store.ts";
import { escapeInvisible, visibleJson } from "../formats/visible-text.ts";

interface ShowOptions extends AskingOptions {
  readonly raw?: boolean;
}

const examples = `
Examples:
  auditrail show 17
  auditrail show 01a202ba-7f56-7000-a598-b26cb8e226cd --json
  auditrail show 17 --raw | tr -d '\\n' | { printf '\\0'; cat; } | sha256sum    is its hash`;

export function addShowCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("show")
    .summary("show one entry whole")
    .description("Shows one entry whole: who, what, on what, when, where, why, with what result, and what it changed.")
    .argument("<entry>", "its position (seq) or its id")
    .option("--raw", "the entry's own bytes, as they are hashed: without the personal data that lies beside them")
    .addHelpText("after", examples);
  addAskingOptions(command).action((which: string) =>
    runShow(which, command.optsWithGlobals<ShowOptions>(), environment),
  );
}

async function runShow(which: string, options: ShowOptions, environment: CliEnvironment): Promise<void> {
  const position = readPosition(which);
  const { stdout, clock } = environment;
  const opened = await openForReading(options, environment);
  try {
    const asked = askOptions(options, environment);
    const entry = await opened.trail.read(position, asked);
    if (options.raw === true) {
      const text = await rawText(opened, entry.event.tenant, entry.seq);
      return await stdout.write(`${stdout.isTerminal ? escapeInvisible(text) : text}\n`);
    }
    if (options.json === true) return await stdout.write(`${visibleJson(entry)}\n`);
    const catalogue = opened.hasCatalogue ? opened.catalogue : undefined;
    await stdout.write(drawEntry(entry, { output: stdout, zone: asked.zone, catalogue, nowMicros: clock.nowMicros() }));
  } finally {
    await opened.close();
  }
}

function readPosition(which: string): number | string {
  if (/^#?\d{1,15}$/.test(which)) return Number(which.replace("#", ""));
  if (isEventId(which.toLowerCase())) return which.toLowerCase();
  throw new AuditError(
    "USAGE_INVALID",
    `Cannot show ${quote(which)}: expected a position such as 17, or an event's id (a UUID version 7).`,
  );
}

/** Canonical JSON escapes only what JSON must. Programs need the exact bytes; on a terminal they are made safe. */
async function rawText({ store }: OpenedTrail, tenant: string, seq: number): Promise<string> {
  const [stored] = await store.read(tenant, seq, seq + 1);
  return stored!.text;
}
