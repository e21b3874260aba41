import type { Importer, SourceRecord } from "../importer.ts";
import { cloudtrailLog } from "./cloudtrail-log.ts";
import { mapRecord } from "./map-record.ts";
import type { Piece } from "./document-splitter.ts";
import { splitRecords } from "./split-records.ts";

/**
 * Imports AWS CloudTrail: files as AWS delivers them to S3, the output of `lookup-events`, and JSON Lines of records.
 *
 * @example
 * await importEvents({ importer: createCloudtrailImporter(), source: await openFileSource("events.json.gz"), trail });
 */
export function createCloudtrailImporter(): Importer {
  return {
    kind: "cloudtrail",
    settings: "1",
    unit: "record",
    // Every record has an eventID; AWS may deliver one twice, and it is the same event then.
    countsRepeats: false,
    logs: [cloudtrailLog],
    async *records(chunks) {
      for await (const pieces of splitRecords(chunks)) yield pieces.map(recordOf);
    },
  };
}

function recordOf({ number, text, problem, unfinished }: Piece): SourceRecord {
  return {
    ...{ number, text },
    ...(unfinished && { unfinished }),
    read: () => (problem === undefined ? mapRecord(text) : { malformed: problem }),
  };
}
