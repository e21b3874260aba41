/** Reads trails out of SQLite: pages, counts, entries. Synchronous, so that it runs inline or in a worker thread alike. */

import type { StoredEntry } from "../../event/entry.ts";
import type { CountRequest, CountRow, PageRequest } from "../../query/request.ts";
import type { StoredPage, TrailHead } from "../../trail/contracts.ts";
import type { SqliteConnection } from "./driver.ts";

export interface Reader {
  page(request: PageRequest): StoredPage;
  count(request: CountRequest): readonly CountRow[];
  /** Positions `from` (included) to `to` (not included). */
  read(tenant: string, from: number, to: number): readonly StoredEntry[];
  readById(tenant: string, id: string): StoredEntry | undefined;
  listTrails(): readonly TrailHead[];
  readSettled(producer: string): number;
  /** The text of the catalogue's last description. */
  readCatalogue(): string | undefined;
}

/** A reader over an open connection, which stays the caller's to close. */
export declare function openReader(connection: SqliteConnection): Reader;
