/** Observations in a file, one JSON text a line: any number of test processes add theirs. */

import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import { observationFormat, type Observation } from "./observation.ts";

/** Adds one line, in one write, so that processes do not mix theirs. Errors: `FILE_UNREADABLE`. */
export function appendObservation(file: string, observation: Observation): void {
  attempt(`add to ${quote(file)}`, () => {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify(observation)}\n`);
  });
}

/** Errors: `FILE_UNREADABLE`, also for a file of something else. */
export function readObservations(file: string): readonly Observation[] {
  const text = attempt(`read ${quote(file)}`, () => readFileSync(file, "utf8"));
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => readLine(line, `line ${number} of ${quote(file)}`));
}

function readLine(line: string, where: string): Observation {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw new AuditError("FILE_UNREADABLE", `Cannot read ${where}: it is not JSON. Was the file cut short?`, { cause });
  }
  const { format, items, routes, tables, silent } = (parsed ?? {}) as Partial<Observation>;
  if (format === observationFormat && [items, routes, tables, silent].every(Array.isArray))
    return parsed as Observation;
  throw new AuditError(
    "FILE_UNREADABLE",
    `Cannot read ${where}: expected an observation of the format ${observationFormat}, found ${quote(format)}. ` +
      "Such files are written by appendObservation() of this version.",
  );
}

function attempt<Result>(what: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError("FILE_UNREADABLE", `Cannot ${what}: ${quote(found, 200)}.`, { cause });
  }
}
