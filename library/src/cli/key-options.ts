/** Where a command finds the keys and the signing guard. */

import type { CliEnvironment } from "./environment.ts";

export interface KeyOptions {
  readonly keys?: string;
  readonly guard?: string;
}

/** `--keys`, or `AUDITRAIL_KEYS`, or `./auditrail.keys`. */
export function keyFileOf({ keys }: KeyOptions, { env }: Pick<CliEnvironment, "env">): string {
  if (keys !== undefined) return keys;
  const named = env["AUDITRAIL_KEYS"] ?? "";
  return named === "" ? "auditrail.keys" : named;
}

/** `--guard`, or `AUDITRAIL_GUARD`, or beside the keys. */
export function guardFileOf(options: KeyOptions, environment: Pick<CliEnvironment, "env">): string {
  if (options.guard !== undefined) return options.guard;
  const named = environment.env["AUDITRAIL_GUARD"] ?? "";
  return named === "" ? `${keyFileOf(options, environment)}.guard` : named;
}
