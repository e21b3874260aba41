import { openTrail, type Clock, type Store } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

import { catalogue } from "./catalogue.ts";
import { openDatabase } from "./database.ts";
import type { HabitTrail, World } from "./domain/world.ts";

export type TrailStore = Awaited<ReturnType<typeof openSqliteStore>>;

export interface WorldOptions {
  /** One SQLite file, made when it is missing, for the domain and the trail. */
  readonly file: string;
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
  const own = await openSqliteStore({ file, createIfMissing: true, ...given });
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
