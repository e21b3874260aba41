/** The real server on the real SQLite trail of a shop, signed, with the console that `npm run build` has made. */

import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openTrail, type Trail } from "auditrail";
import { createSignerKey, formatVerifierKey, verifierKeyOf } from "auditrail/integrity";
import { openSealing } from "auditrail/sealing";
import { createServer, serveNode } from "auditrail/server";
import { openSqliteStore } from "auditrail/sqlite";

import { fillShop } from "./shop/fill-shop.ts";
import { shopCatalogue } from "./shop/shop-catalogue.ts";

export interface ShopServer {
  readonly url: string;
  /** Makes the first person, once. */
  readonly setUpUrl: string;
  /** What readers trust: the public half of the key that signs the trail. */
  readonly verifierKey: string;
  readonly trail: Trail;
  /** Of the server alone: how far it is ahead of the machine's clock. */
  readonly clock: { offsetMs: number };
  readonly close: () => Promise<void>;
}

interface ShopServerOptions {
  readonly prefix?: string;
  readonly isEmpty?: boolean;
  /** Of the application that embeds timelines and hands people over; without it there is none. */
  readonly handOverKey?: string;
}

const origin = "audit.example.com/pantry";

let filled: Promise<string> | undefined;

/** The shop's days, for all tests of a process: each server has a copy. */
async function fillOnce(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), "auditrail-shop-")), "shop.db");
  await fillShop(file, { days: 9, ordersPerDay: 8 });
  return file;
}

export async function openShopServer({
  prefix = "",
  isEmpty = false,
  handOverKey,
}: ShopServerOptions = {}): Promise<ShopServer> {
  const built = fileURLToPath(new URL("../../library/dist/console", import.meta.url));
  if (!existsSync(join(built, "index.html"))) throw new Error("Run `npm run build` first: it makes the console.");
  const directory = mkdtempSync(join(tmpdir(), "auditrail-console-"));
  const file = join(directory, "shop.db");
  if (!isEmpty) copyFileSync(await (filled ??= fillOnce()), file);
  const store = await openSqliteStore({ file, createIfMissing: true, origin });
  const trail = await openTrail({ catalogue: shopCatalogue, store, service: "pantry", exitHooks: false });
  const key = createSignerKey(origin, new Uint8Array(32).fill(7));
  const sealing = openSealing({
    ...{ store, record: trail.record, keys: [key], guard: join(directory, "guard.db"), intervalMs: 0 },
  });
  if (!isEmpty) await sealing.checkpointNow();
  const clock = { offsetMs: 0, nowMicros: () => (Date.now() + clock.offsetMs) * 1000 };
  const server = createServer({
    ...{ trail, store, catalogue: shopCatalogue, sealing, prefix, console: built },
    ...{ accounts: ":memory:", secureCookies: false, passwordCostLog2: 4 },
    ...(handOverKey === undefined ? {} : { embedders: ["http://localhost:*"], handOver: { key: handOverKey } }),
    clock,
    onFailure: (error) => console.error(error),
  });
  const served = await serveNode(server);
  return {
    url: `${served.url}${prefix}/`,
    setUpUrl: served.url + server.setUpPath()!,
    verifierKey: formatVerifierKey(verifierKeyOf(key)),
    trail: trail as unknown as Trail,
    clock,
    close: async () => {
      await served.close();
      await sealing.close();
      await trail.close();
    },
  };
}
