/** Imports many generated records into a trail that keeps nothing; prints memory after each quarter, in MiB. */

import { importEvents, type ImportTrail } from "../../src/importers/import-events.ts";
import { openStreamSource } from "../../src/importers/import-source.ts";
import type { Importer } from "../../src/importers/importer.ts";
import { createCloudtrailImporter } from "../../src/importers/cloudtrail/cloudtrail-importer.ts";
import { createJsonlImporter } from "../../src/importers/jsonl/jsonl-importer.ts";
import { shopLine, shopMapping } from "./shop-mapping.ts";
import { peakMemoryBytes } from "../../../bench/peak-memory.ts";

const [kind, count] = [process.argv[2]!, Number(process.argv[3])];

/** One huge document for CloudTrail: it never is in memory as a whole. */
async function* documents(): AsyncIterable<Uint8Array> {
  const note = "x".repeat(300);
  for (let number = 0; number < count; number += 1) {
    const record = {
      eventVersion: "1",
      eventID: `e${number}`,
      eventTime: "2026-01-01T00:00:00Z",
      eventSource: "s3.amazonaws.com",
      eventName: "GetObject",
      note,
    };
    const text =
      kind === "jsonl"
        ? `${shopLine(number)}\n`
        : `${number === 0 ? '{"Records":[' : ","}${JSON.stringify(record)}${number === count - 1 ? "]}" : ""}`;
    yield Buffer.from(text);
  }
}

const heaps: number[] = [];
let recorded = 0;
const trail: ImportTrail = {
  async record(_, { id }) {
    const seq = recorded;
    recorded += 1;
    if (recorded % Math.floor(count / 4) === 0) {
      globalThis.gc!();
      heaps.push(Math.round(process.memoryUsage().heapUsed / 1024 / 1024));
    }
    await new Promise((resolve) => setImmediate(resolve));
    return { id: id!, hash: "", seq, recordedAt: "" };
  },
  flush: () => Promise.resolve(),
  trails: () => Promise.resolve([]),
};
const importer: Importer = kind === "jsonl" ? createJsonlImporter(shopMapping) : createCloudtrailImporter();
const summary = await importEvents({ importer, source: openStreamSource("generated", documents()), trail });
process.stdout.write(
  JSON.stringify({ heaps, recorded: summary.recorded, peakMiB: Math.round(peakMemoryBytes() / 2 ** 20) }),
);
