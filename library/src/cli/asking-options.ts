import { InvalidArgumentError, type Command } from "commander";

import { offsetAt } from "../query/zone.ts";
import type { CliEnvironment } from "./environment.ts";
import type { GlobalOptions } from "./open-store.ts";

/** What every command that asks has. */
export interface AskingOptions extends GlobalOptions {
  readonly tenant?: string;
  readonly zone?: string;
}

/** Adds them, and lets a query's `-outcome:success` stand where commander would look for an option. */
export function addAskingOptions(command: Command): Command {
  const parseOptions = command.parseOptions.bind(command);
  // A query reads over a space in front; commander takes what begins with one for an argument.
  command.parseOptions = (argv) => parseOptions(argv.map((word) => (negatedTerm.test(word) ? ` ${word}` : word)));
  return command
    .option("--tenant <name>", "whose trail (default: the trail named default)")
    .option(
      "--zone <name>",
      "time zone of times shown and asked for, such as Europe/Bucharest or UTC (default: this machine's)",
    );
}

const negatedTerm = /^-(?:[A-Za-z][\w.]*:|["(*])/;

/** The words of a command line as one query. */
export function joinQuery(words: readonly string[]): string {
  return words.join(" ").trim();
}

/** The zone of a command. Errors: `OPTION_INVALID`. */
export function zoneOf(options: AskingOptions, environment: CliEnvironment): string {
  const zone = options.zone ?? environment.zone;
  offsetAt(0, zone);
  return zone;
}

/** How the library is asked: for this tenant, in this zone. */
export function askOptions(
  options: AskingOptions,
  environment: CliEnvironment,
): { readonly zone: string; readonly tenant?: string } {
  const zone = zoneOf(options, environment);
  return options.tenant === undefined ? { zone } : { zone, tenant: options.tenant };
}

/** For commander: a whole number within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,15}$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** For commander: a list with commas. */
export function commaList(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("Expected names with commas between them.");
}
