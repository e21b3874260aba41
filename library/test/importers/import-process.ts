/** Imports a file into a SQLite trail, in a process that a test may kill: `import-process.ts DATABASE SOURCE [STATE]`. */

import { defineCatalogue } from "../../src/event/catalogue.ts";
import { importEvents, type ImportTrail } from "../../src/importers/import-events.ts";
import { openFileSource } from "../../src/importers/import-source.ts";
import { openImportState } from "../../src/importers/import-state.ts";
import { createJsonlImporter } from "../../src/importers/jsonl/jsonl-importer.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { shopMapping } from "./shop-mapping.ts";

const [database, source, stateFile] = process.argv.slice(2) as [string, string, string?];
const importer = createJsonlImporter(shopMapping);
const store = await openSqliteStore({ file: database, createIfMissing: true, threads: false });
const trail = await openTrail({ catalogue: defineCatalogue(...importer.logs), store });
const summary = await importEvents({
  importer,
  source: await openFileSource(source),
  trail: trail as unknown as ImportTrail,
  maxInFlight: 200,
  ...(stateFile !== undefined && { state: await openImportState(stateFile) }),
  onProgress: ({ recorded }) => process.stdout.write(`${recorded}\n`),
});
await trail.close();
process.stdout.write(`${JSON.stringify(summary)}\n`);
