/** Which trail a command is about, and how it is opened. The libraries it takes are loaded when they are needed. */

import type { Catalogue } from "../event/catalogue.ts";
import type { Store } from "../trail/contracts.ts";
import type { Trail } from "../trail/types.ts";
import type { CliEnvironment } from "./environment.ts";
import { openStoreAt } from "./store-place.ts";

/** The options that every command has. */
export interface GlobalOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export interface OpenedTrail {
  readonly file: string;
  readonly store: Store<unknown>;
  readonly trail: Trail;
  /** The application's, as it was kept in the store; one that takes anything where there is none. */
  readonly catalogue: Catalogue;
  readonly hasCatalogue: boolean;
  close(): Promise<void>;
}

/** `--store`, or `AUDITRAIL_STORE`, or `./auditrail.db`: a file, or the address of a Postgres database. */
export function storeFile({ store }: GlobalOptions, { env }: CliEnvironment): string {
  if (store !== undefined) return store;
  const named = env["AUDITRAIL_STORE"] ?? "";
  return named === "" ? "auditrail.db" : named;
}

/** Errors: those of `openStoreAt()`; nothing is made. */
export function openForReading(options: GlobalOptions, environment: CliEnvironment): Promise<OpenedTrail> {
  return open(options, environment, true);
}

/** Errors: those of `openStoreAt()`; nothing is made. */
export function openForRecording(options: GlobalOptions, environment: CliEnvironment): Promise<OpenedTrail> {
  return open(options, environment, false);
}

/** The same with a thread of its own for the store, so that many can be served at once. */
export function openForServing(options: GlobalOptions, environment: CliEnvironment): Promise<OpenedTrail> {
  return open(options, environment, false, true);
}

async function open(
  options: GlobalOptions,
  environment: CliEnvironment,
  readOnly: boolean,
  threads = false,
): Promise<OpenedTrail> {
  const { openTrail } = await import("../trail/open-trail.ts");
  const file = storeFile(options, environment);
  const store = await openStoreAt(file, { readOnly, threads });
  try {
    const { catalogue, hasCatalogue } = await readCatalogue(store);
    const trail = await openTrail({ catalogue, store: keepCatalogue(store), clock: environment.clock });
    return { file, store, trail, catalogue, hasCatalogue, close: () => trail.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function readCatalogue(store: Store<unknown>) {
  const { parseCatalogue } = await import("../event/describe.ts");
  const { openCatalogue } = await import("../event/catalogue.ts");
  const description = await store.readCatalogue();
  if (description === undefined) return { catalogue: openCatalogue(), hasCatalogue: false };
  return { catalogue: parseCatalogue(description), hasCatalogue: true };
}

/** The application's catalogue stays as the application described it: what we read back from it must not replace it. */
function keepCatalogue(store: Store<unknown>): Store<unknown> {
  return { ...store, putCatalogue: () => Promise.resolve() };
}
