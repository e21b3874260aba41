import type { Command } from "commander";

import { formatInstant } from "../base/time.ts";
import type { CliEnvironment } from "./environment.ts";
import { openForReading, type GlobalOptions } from "./open-store.ts";
import { drawTable } from "./table.ts";
import { showTime } from "./times.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

export function addTrailsCommand(program: Command, environment: CliEnvironment): void {
  program
    .command("trails")
    .summary("list the trails of a store, one for each tenant")
    .description("Lists the trails of a store: one for each tenant that has recorded something.")
    .addHelpText("after", "\nExamples:\n  auditrail trails\n  auditrail trails --json | jq -r .tenant")
    .action((_, command: Command) => listTrails(command.optsWithGlobals<GlobalOptions>(), environment));
}

async function listTrails(options: GlobalOptions, environment: CliEnvironment): Promise<void> {
  const { stdout, stderr, zone } = environment;
  const opened = await openForReading(options, environment);
  try {
    const trails = await opened.trail.trails();
    if (options.json === true) {
      for (const { tenant, origin, size, recordedAtMicros } of trails) {
        const recordedAt = size === 0 ? null : formatInstant(recordedAtMicros);
        await stdout.write(`${visibleJson({ tenant, origin, size, recordedAt })}\n`);
      }
      return;
    }
    if (trails.length === 0) return await stderr.write("No trail yet: nothing has been recorded.\n");
    const rows = trails.map(({ tenant, origin, size, recordedAtMicros }) => [
      visibleText(tenant),
      size.toLocaleString("en"),
      size === 0 ? "never" : showTime(recordedAtMicros, zone),
      visibleText(origin),
    ]);
    const columns = [
      { title: "tenant" },
      { title: "entries", right: true },
      { title: "last recorded" },
      { title: "origin" },
    ];
    await stdout.write(drawTable(columns, rows, stdout));
  } finally {
    await opened.close();
  }
}
