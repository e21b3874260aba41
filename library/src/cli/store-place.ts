/** A trail is at a place: the path of a SQLite file, or the address of a Postgres database. */

import type { Store } from "../trail/contracts.ts";

export interface OpenStoreAtOptions {
  readonly readOnly?: boolean;
  readonly createIfMissing?: boolean;
  readonly origin?: string;
  /** Whether SQLite runs in a thread of its own. Starting one costs more time than most commands take. */
  readonly threads?: boolean;
}

/** Whether a place is the address of a database, which has no file. */
export function isAddress(place: string): boolean {
  return /^postgres(ql)?:\/\//i.test(place);
}

/** The place for people to read: an address without its password. */
export function nameOfPlace(place: string): string {
  return isAddress(place) ? place.replace(/^([^:]+:\/\/[^:@/]*):[^@/]*@/, "$1@") : place;
}

/** The name of a file that belongs to a trail: beside its file, or in the working directory. */
export function fileBeside(place: string, ending: string): string {
  return `${isAddress(place) ? "auditrail" : place}${ending}`;
}

/** Errors: those of `openSqliteStore()` and `openPostgresStore()`. */
export async function openStoreAt(place: string, options: OpenStoreAtOptions): Promise<Store<unknown>> {
  const { threads = false, ...common } = options;
  if (isAddress(place)) {
    const { openPostgresStore } = await import("../stores/postgres/postgres-store.ts");
    return (await openPostgresStore({ connection: place, ...common })) as Store<unknown>;
  }
  const { openSqliteStore } = await import("../stores/sqlite/sqlite-store.ts");
  return (await openSqliteStore({ file: place, threads, ...common })) as Store<unknown>;
}
