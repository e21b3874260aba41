/** A shop's tables in a database of their own, captured, and a trail that its changes are drained into. */

import type pg from "pg";

import { installCapture, drainChanges, type CaptureOptions } from "../../src/capture/postgres-triggers/index.ts";
import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import type { AuditEvent } from "../../src/event/event.ts";
import { defineRowLog } from "../../src/event/row-log.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";

export const catalogue = defineCatalogue(
  defineLog("order", {
    title: "Orders",
    actions: { placed: action({ op: "create", says: "{actor} placed {target}" }) },
  }),
  defineRowLog({ personal: ["name"], secret: ["phrase"] }),
);

export const tables: CaptureOptions["tables"] = {
  customers: { mask: ["pin"] },
  orders: {},
  lines: {},
  notes: {},
  "sales.visits": {},
  cache: { exclude: "computed anew at each start" },
};

export async function makeShop(pool: pg.Pool, options: Partial<CaptureOptions> = {}): Promise<void> {
  await pool.query(`
    DROP SCHEMA IF EXISTS sales CASCADE; DROP TABLE IF EXISTS customers, orders, lines, notes, cache, refunds CASCADE;
    CREATE TABLE customers (id bigint PRIMARY KEY, name text, phrase text, pin integer, born date);
    CREATE TABLE orders (id integer PRIMARY KEY, customer bigint REFERENCES customers ON DELETE CASCADE, total numeric(12, 2), tags jsonb);
    CREATE TABLE lines (number integer, item text, order_id integer REFERENCES orders ON DELETE CASCADE, PRIMARY KEY (order_id, number));
    CREATE TABLE notes (text text);
    CREATE TABLE cache (key text);
    CREATE SCHEMA sales;
    CREATE TABLE sales.visits (day date, visitor text, PRIMARY KEY (day, visitor)) PARTITION BY RANGE (day);
    CREATE TABLE sales.visits_old PARTITION OF sales.visits FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
    CREATE TABLE sales.visits_new PARTITION OF sales.visits FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);`);
  await installCapture(pool, { catalogue, tables, ...options });
}

/** Everything that was captured, as the trail has it, in the order in which it happened. */
export async function drainAll(pool: pg.Pool): Promise<readonly AuditEvent[]> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  await drainChanges(pool, trail);
  const events: AuditEvent[] = [];
  for await (const { event } of trail.entries("", { order: { by: "seq", direction: "oldest" } })) events.push(event);
  await trail.close();
  return events.toSorted((a, b) => Number(a.data!["change"]) - Number(b.data!["change"]));
}

/** In a few words: what happened to what. */
export function tell({ action: name, targets, data }: AuditEvent): string {
  const [target] = targets!;
  const counts = data!["rows"] === undefined ? "" : ` ${data!["told"] as number} of ${data!["rows"] as number}`;
  return `${name.replace("row.", "")} ${target!.type}/${target!.id}${counts}`;
}
