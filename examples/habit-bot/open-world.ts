import { openTrail, type Clock, type Store } from "auditrail";
import { openPostgresStore } from "auditrail/postgres";
import { openSqliteOutbox, openSqliteStore } from "auditrail/sqlite";

import { catalogue } from "./catalogue.ts";
import { openDatabase } from "./database.ts";
import type { HabitTrail, World } from "./domain/world.ts";

export type TrailStore = Awaited<ReturnType<typeof openSqliteStore>>;

export interface WorldOptions {
  /** One SQLite file, made when it is missing, for the domain, and for the trail unless that is elsewhere. */
  readonly file: string;
  /** The address of a Postgres database for the trail, made when it is missing. */
  readonly trailAt?: string | undefined;
  /** Where the days of people begin and end; UTC unless given. */
  readonly zone?: string;
  /** Where events wait while the store fails; beside the file unless given. */
  readonly spoolDirectory?: string;
  /** For tests: the time, the luck, and a store that fails. */
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly wrapStore?: (store: TrailStore) => Store<never>;
}

export interface OpenWorld {
  readonly world: World;
  /** The trail's. */
  readonly store: TrailStore;
  close(): Promise<void>;
}

/** What the bot and the commands work on, without anything that talks to Telegram. */
export async function openWorld(options: WorldOptions): Promise<OpenWorld> {
  const { file, clock, wrapStore, random = Math.random, zone = "UTC" } = options;
  const given = clock === undefined ? {} : { clock };
  const own = await openTrailStore(options);
  const store = wrapStore === undefined ? own : (wrapStore(own) as TrailStore);
  const spool = { directory: options.spoolDirectory ?? `${file}-spool` };
  const trail: HabitTrail = await openTrail({ ...{ catalogue, store, spool, service: "habit-bot" }, ...given });
  const database = openDatabase(file);
  const systemClock: Clock = { nowMicros: () => Date.now() * 1000 };
  return {
    world: { database, trail, clock: clock ?? systemClock, random, zone },
    store,
    async close() {
      database.close();
      await trail.close();
    },
  };
}

/**
 * With the trail in the file, a change and its event are one transaction. In another database that cannot be: there the event is
 * kept by the same transaction in an outbox in the file, until it is delivered.
 */
async function openTrailStore({ file, trailAt, clock }: WorldOptions): Promise<TrailStore> {
  const settings = { createIfMissing: true, ...(clock === undefined ? {} : { clock }) };
  if (trailAt === undefined) return openSqliteStore({ file, ...settings });
  const store = await openPostgresStore({ connection: trailAt, ...settings });
  return openSqliteOutbox({ file, store, ...settings });
}

/** `AUDITRAIL_STORE` where it is the address of a Postgres database. The path of a file is for the command line of auditrail. */
export function trailAddress({ AUDITRAIL_STORE = "" } = process.env): string | undefined {
  return AUDITRAIL_STORE.startsWith("postgres") ? AUDITRAIL_STORE : undefined;
}
