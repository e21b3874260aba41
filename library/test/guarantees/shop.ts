/** A small shop with an action of each guarantee, and its trail in a SQLite file: what the tests here record into. */

import { DatabaseSync } from "node:sqlite";

import { z } from "zod";

import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { openEntry, type Entry } from "../../src/event/entry.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../src/stores/sqlite/index.ts";
import { checkTrails } from "../../src/testing/index.ts";
import { openTrail, type TrailOptions } from "../../src/trail/open-trail.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { checkSqliteFile } from "../contracts/check-sqlite-file.ts";

const number = z.object({ number: z.int() });

export const shopCatalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({ op: "create", says: "{actor} placed order {data.number}", data: number }),
      viewed: action({
        op: "read",
        says: "{actor} looked at order {data.number}",
        data: number,
        guarantee: "buffered",
      }),
      paid: action({ op: "update", says: "{actor} paid order {data.number}", data: number, guarantee: "atomic" }),
    },
  }),
);

export const clerk = { type: "user", id: "clerk" };

type ShopOptions = Pick<TrailOptions<never, never>, "spool" | "maxWaiting" | "exitHooks" | "clock">;

/** A shop's trail over any store. */
export function openShopTrail<Tx>(store: Store<Tx>, options: ShopOptions = {}) {
  return openTrail({ catalogue: shopCatalogue, store, exitHooks: false, ...options });
}

/** A shop's trail in a SQLite file, made when it is missing. */
export async function openShop(
  file: string,
  options: ShopOptions & { readonly sqlite?: Partial<SqliteStoreOptions> } = {},
) {
  const { sqlite, ...rest } = options;
  return openShopTrail(await openSqliteStore({ file, createIfMissing: true, ...sqlite }), rest);
}

/** What a SQLite file holds, read and verified by a process of its own, so to say: after all else is closed. */
export async function readShop(file: string): Promise<readonly Entry[]> {
  checkSqliteFile(file);
  const store = await openSqliteStore({ file, threads: false });
  try {
    await checkTrails(store);
    return (await store.read("default", 0, 1_000_000)).map(openEntry);
  } finally {
    await store.close();
  }
}

/** The order numbers of an action, in the order of their positions. */
export function orderNumbers(entries: readonly Entry[], action: string): number[] {
  return entries.filter(({ event }) => event.action === action).map(({ event }) => event.data!["number"] as number);
}

/** An application's own connection, which waits for locks. */
export function openApplication(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: 2_000 });
}
