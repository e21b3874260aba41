/**
 * Records events one after another and in small groups, seals now and then, and acknowledges each event on descriptor 3
 * once `record()` resolved. Arguments: the place as JSON, `FULL` or `NORMAL`, number of events. Run by the tests under strace.
 */

import { writeSync } from "node:fs";

import { openCatalogue } from "../../../src/event/catalogue.ts";
import type { OpenConnection, SqliteConnection } from "../../../src/stores/sqlite/driver.ts";
import { openNodeSqlite } from "../../../src/stores/sqlite/driver.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { openKeyFile } from "../../../src/sealing/key-file.ts";
import { openSealing } from "../../../src/sealing/open-sealing.ts";
import type { RecordEvent, Sealing } from "../../../src/sealing/sealing-types.ts";
import { openTrail } from "../../../src/trail/open-trail.ts";
import { storeOrigin, type SealedPlace } from "../sealed-place.ts";

const [task = "", synchronous, total] = process.argv.slice(2);

/** A driver that keeps NORMAL whatever it is told, and says FULL when it is asked: what we must never get. */
const openWithNormal: OpenConnection = (path, options) => {
  const connection = openNodeSqlite(path, options);
  const lying: SqliteConnection = {
    prepare: (sql) => connection.prepare(sql === "PRAGMA synchronous" ? "SELECT 2" : sql),
    exec: (sql) => connection.exec(sql.replace("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL")),
    close: () => connection.close(),
  };
  return lying;
};

async function run(place: SealedPlace): Promise<void> {
  const trail = await openTrailIn(place).catch((error: unknown) => void writeSync(3, `UNOPENED ${codeOf(error)}\n`));
  if (trail !== undefined) await recordAndSeal(trail, place);
}

async function openTrailIn({ file }: SealedPlace) {
  const store = await openSqliteStore({
    ...{ file, createIfMissing: true, origin: storeOrigin },
    ...(synchronous === "NORMAL" ? { openConnection: openWithNormal } : {}),
  });
  return { store, ...(await openTrail({ catalogue: openCatalogue(), store })) };
}

async function recordAndSeal(
  trail: Awaited<ReturnType<typeof openTrailIn>>,
  { keyFile, guard }: SealedPlace,
): Promise<void> {
  const { store } = trail;
  const { keys } = openKeyFile(keyFile);
  const sealing = openSealing({ store, record: trail.record, keys, guard, intervalMs: 0 });
  for (let number = 0, groups = 1; number < Number(total); groups += 1) {
    const group = Array.from({ length: number % 5 === 0 ? 4 : 1 }, (_, offset) => number + offset);
    await Promise.all(group.map((each) => recordOne(trail.record, each)));
    number += group.length;
    if (groups % groupsPerCheckpoint === 0) await seal(sealing);
  }
  writeSync(3, "END\n");
  await sealing.close();
  await trail.close();
}

const groupsPerCheckpoint = 5;

async function recordOne(record: RecordEvent, number: number): Promise<void> {
  const fields = {
    actor: { type: "user", id: "42", name: `Customer ${number}` },
    target: { type: "article", id: String(number % 7) },
    data: { number, note: "x".repeat((number * 137) % 2_000) },
  };
  try {
    const { seq, id } = await record("shop.sold" as never, fields as never);
    writeSync(3, `ACK default ${seq} ${id}\n`);
  } catch (error) {
    writeSync(3, `REFUSED ${codeOf(error)}\n`);
  }
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: string }).code);
}

async function seal(sealing: Sealing): Promise<void> {
  const { state } = await sealing.checkpointNow().catch(() => ({ state: "failing" }));
  writeSync(3, `SEALED ${state}\n`);
  // Where no fault is injected, a run without checkpoints is no run to learn from.
  if (state !== "ok") process.exitCode = 1;
}

if (task !== "") await run(JSON.parse(task) as SealedPlace);
