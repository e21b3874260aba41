/**
 * A process that records and seals, for tests that end it hard. Arguments: the directory, what to do, and where to die:
 *
 *     rounds <n>          records an entry and asks for a checkpoint, n times; writes the note to stdout when it has it
 *     die before-store    dies when the guard is written and the store is not
 *     die before-anchor   dies when a tenant's checkpoint is in the store and not in the anchor
 *     die before-publish  dies when the anchor's checkpoint is in the guard and not in the store
 *     hold                opens the guard and keeps it
 *     leave               opens sealing at an interval of an hour, and has nothing else to do
 */

import { join } from "node:path";

import { openKeyFile } from "../../src/sealing/key-file.ts";
import { openSealing } from "../../src/sealing/open-sealing.ts";
import { openSigningGuard } from "../../src/sealing/signing-guard.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import type { Store } from "../../src/trail/contracts.ts";

const [directory = "", doing = "", where = ""] = process.argv.slice(2);
const keyFile = join(directory, "auditrail.keys");
const guard = `${keyFile}.guard`;
const anchor = "auditrail.anchor";

const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("killed");
};

function dying(
  store: Store<never>,
): Pick<Store<never>, "origin" | "listTrails" | "readTree" | "readTile" | "putCheckpoint" | "listCheckpoints"> {
  return {
    ...store,
    putCheckpoint: (tenant, checkpoint) => {
      if (where === "before-store" || (where === "before-publish" && tenant === anchor)) die();
      return store.putCheckpoint(tenant, checkpoint);
    },
  };
}

if (doing === "hold") {
  await openSigningGuard({ file: guard, timeoutMs: 0 });
  process.stdout.write("held\n");
  setInterval(() => undefined, 1_000);
} else {
  const store = await openSqliteStore({ file: join(directory, "audit.db"), threads: false });
  const trail = await openTrail({ catalogue: openCatalogue(), store });
  const record = (action: string, fields: object) => {
    if (doing === "die" && where === "before-anchor" && action === "auditrail.checkpointed") die();
    return trail.record(action, fields as never);
  };
  const sealing = openSealing({
    store: dying(store as Store<never>),
    record,
    keys: openKeyFile(keyFile).keys,
    guard,
    intervalMs: 0,
  });
  if (doing === "leave") openSealing({ store, record, keys: openKeyFile(keyFile).keys, guard, intervalMs: 3_600_000 });
  for (let round = 0; round < (doing === "rounds" ? Number(where) : 1); round += 1) {
    await trail.record("shop.sold", { actor: { type: "job", id: String(process.pid) } } as never);
    const { state, lastCheckpoint } = await sealing.checkpointNow();
    process.stdout.write(`${JSON.stringify({ state, note: lastCheckpoint?.note })}\n`);
  }
  await sealing.close();
  await trail.close();
}
