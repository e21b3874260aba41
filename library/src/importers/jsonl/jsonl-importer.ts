import type { JsonObject } from "../../base/canonical-json.ts";
import type { Importer, Reading, SourceRecord } from "../importer.ts";
import type { Mapping } from "../mapping.ts";
import { readLines, type Line } from "../read-lines.ts";

/**
 * Imports JSON Lines: one JSON object on each line. Empty lines are no records.
 *
 * @example
 * const mapping = createMapping(await readFile("mapping.json", "utf8"), "mapping.json");
 * await importEvents({ importer: createJsonlImporter(mapping), source: await openFileSource("events.jsonl.gz"), trail });
 */
export function createJsonlImporter(mapping: Mapping): Importer {
  return {
    kind: "jsonl",
    scope: mapping.log.name,
    settings: mapping.fingerprint,
    unit: "line",
    countsRepeats: !mapping.identifies,
    logs: [mapping.log],
    async *records(chunks) {
      for await (const lines of readLines(chunks)) {
        yield lines.filter(({ text }) => text.trim() !== "").map((line) => recordOf(line, mapping));
      }
    },
  };
}

function recordOf({ number, text, flaw, unfinished }: Line, mapping: Mapping): SourceRecord {
  const read = (): Reading => {
    if (flaw !== undefined) return { malformed: `the line is ${flaw}` };
    const parsed = parse(text);
    return "problem" in parsed ? { malformed: parsed.problem } : mapping.apply(parsed.record, parsed.record);
  };
  return { number, text, read, ...(unfinished && { unfinished }) };
}

function parse(text: string): { readonly record: JsonObject } | { readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { record: value as JsonObject };
    return { problem: "not a JSON object" };
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
