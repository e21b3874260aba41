/** Trails in Postgres beside the same entries as plain values, each a tenant of one store. */

import type pg from "pg";

import { type Entry, openEntry, type SealedPart } from "../../src/event/entry.ts";
import { searchText } from "../../src/query/search-text.ts";
import { openPostgresStore, type PostgresStore } from "../../src/stores/postgres/index.ts";
import { type GeneratedEvent, instants, prepare } from "./generated-events.ts";

const origin = "test.example/query";

export interface PostgresTrail {
  readonly tenant: string;
  readonly store: PostgresStore;
  readonly entries: Entry[];
  append(events: readonly GeneratedEvent[], erase: boolean): Promise<void>;
}

/** Makes empty trails, one after the other. */
export async function openPostgresTrails(pool: pg.Pool): Promise<() => PostgresTrail> {
  let now = instants[3]!;
  const clock = { nowMicros: () => (now += 1_700_000_001) };
  const store = await openPostgresStore({ connection: pool, createIfMissing: true, origin, clock });
  await pool.query("ALTER TABLE auditrail.sealed DISABLE TRIGGER USER");
  let made = 0;
  let trails = 0;
  return () => {
    trails += 1;
    const tenant = `main ${trails}`;
    const entries: Entry[] = [];
    return {
      tenant,
      store,
      entries,
      async append(events, erase) {
        // Another tenant has the same, and nothing of it may ever show.
        const prepared = events.flatMap((event) => [
          prepare(event, made++, origin, tenant),
          prepare(event, made++, `${origin}/other`, `other ${trails}`),
        ]);
        const appended = await store.append(prepared);
        for (const [index, { text, hash, sealed }] of prepared.entries()) {
          if (index % 2 === 1) continue;
          const kept: readonly SealedPart[] = erase ? sealed.slice(1) : sealed;
          const { seq, recordedAtMicros } = appended[index]!;
          const entry = openEntry({ seq: seq!, recordedAtMicros: recordedAtMicros!, hash, text, sealed: kept });
          if (erase && sealed.length > 0) await eraseFirst(pool, tenant, entry);
          entries.push(entry);
        }
      },
    };
  };
}

/** What erasure does to a trail. */
async function eraseFirst(pool: pg.Pool, tenant: string, entry: Entry): Promise<void> {
  const key = `(SELECT (number::bigint << 32) + $2::bigint FROM auditrail.trail WHERE tenant = $1)`;
  await pool.query(`DELETE FROM auditrail.sealed WHERE key = ${key} AND part = 0`, [tenant, entry.seq]);
  await pool.query(`UPDATE auditrail.search SET words = $3 WHERE key = ${key}`, [
    ...[tenant, entry.seq, searchText(entry.event)],
  ]);
}
