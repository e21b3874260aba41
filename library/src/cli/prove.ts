import { writeFileSync } from "node:fs";

import { InvalidArgumentError, type Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import type { CliEnvironment } from "./environment.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { openStoreAt } from "./store-place.ts";
import { visibleJson } from "../formats/visible-text.ts";

interface ProveOptions extends GlobalOptions {
  readonly tenant?: string;
  readonly output?: string;
  readonly entry?: string;
}

const examples = `
Examples:
  auditrail prove 4711                                              the proof on stdout
  auditrail prove 4711 -o 4711.tlog-proof --entry 4711.json      for somebody else
  auditrail verify 4711.json --proof 4711.tlog-proof --key "$KEY"   what they do with it

The proof (C2SP tlog-proof) leads from the entry's bytes to a signed checkpoint, and, where the anchor trail holds that one, to
whoever has cosigned the anchor. Personal data is not in an entry, which only commits to it.`;

export function addProveCommand(program: Command, environment: CliEnvironment): void {
  const command = program
    .command("prove")
    .summary("write one entry's proof, for somebody who trusts nobody here")
    .description("Writes the proof that an entry is in the trail as it was signed.")
    .argument("<seq>", "the entry's position", position)
    .option("--tenant <name>", "whose trail (default: the trail named default)")
    .option("-o, --output <file>", "where to write the proof (default: stdout)")
    .option("--entry <file>", "where to write the entry's bytes, which the proof is about")
    .addHelpText("after", examples)
    .action((seq: number) => runProve(seq, command.optsWithGlobals<ProveOptions>(), environment));
}

function position(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected the position of an entry, a whole number from 0.");
}

async function runProve(seq: number, options: ProveOptions, environment: CliEnvironment): Promise<void> {
  const { proveEntry } = await import("../verification/prove-entry.ts");
  const store = await openStoreAt(storeFile(options, environment), { readOnly: true });
  try {
    const { entry, proof } = await proveEntry(store as never, options.tenant ?? "default", seq);
    if (options.entry !== undefined) write(options.entry, entry);
    if (options.output !== undefined) write(options.output, proof);
    if (options.json === true) await environment.stdout.write(`${visibleJson({ seq, entry, proof })}\n`);
    else if (options.output === undefined) await environment.stdout.write(proof);
    else await environment.stderr.write(`Wrote the proof of entry ${seq} to ${options.output}\n`);
  } finally {
    await store.close();
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new AuditError(
      "FILE_UNREADABLE",
      `Cannot write ${quote(file)}: ${(cause as NodeJS.ErrnoException).code ?? "unknown error"}.`,
      { cause },
    );
  }
}
