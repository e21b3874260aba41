/**
 * Records durable events, some at once, and seals at a short interval, until it is killed or its input ends.
 *
 * On its output, which is a pipe, it tells at once and in order:
 *
 *     LOADED                          it waits for a line before it opens the store
 *     OPEN                            from here on it records
 *     ACK <tenant> <seq> <id>         `record()` has resolved
 *     REFUSED <code>                  `record()` has rejected
 *     SIGNED <size>                   the anchor trail has a new checkpoint, of that size
 *     UNSEALED <code>                 sealing refuses a trail, or fails
 *     CLOSED                          its input had ended, and everything was closed
 */

import "./jumping-clock.ts";

import { writeSync } from "node:fs";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";

import { z } from "zod";

import { action } from "../../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../../src/event/catalogue.ts";
import { personal } from "../../../src/event/marks.ts";
import { openKeyFile } from "../../../src/sealing/key-file.ts";
import { openSealing } from "../../../src/sealing/open-sealing.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { openTrail } from "../../../src/trail/open-trail.ts";
import { storeOrigin, type SealedPlace } from "../sealed-place.ts";

export interface RecordingTask extends SealedPlace {
  readonly atOnce: number;
  /** Whether SQLite runs in threads of its own, as it does by default. */
  readonly threads: boolean;
  readonly sealEveryMs: number;
}

const data = z.object({ number: z.int(), note: z.string(), name: personal(z.string()) });
const catalogue = defineCatalogue(
  defineLog("shop", { title: "Shop", actions: { sold: action({ op: "create", says: "{actor} sold", data }) } }),
);

/** Returns when all of it is in the pipe, which is full while the parent is busy verifying. */
function tell(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? String(error);
}

async function run({ atOnce, threads, sealEveryMs, ...place }: RecordingTask): Promise<void> {
  tell("LOADED");
  await once(process.stdin, "data");
  const { keys } = openKeyFile(place.keyFile);
  const store = await openSqliteStore({
    ...{ file: place.file, createIfMissing: true, origin: storeOrigin, threads },
    // Longer than a busy machine keeps one of several writers waiting: that a wait ends is looked at elsewhere.
    lockTimeoutMs: 60_000,
  });
  const trail = await openTrail({ catalogue, store, exitHooks: false });
  const sealing = openSealing({ store, record: trail.record, keys, guard: place.guard, intervalMs: sealEveryMs });
  tell("OPEN");
  let isEnding = false;
  process.stdin.once("end", () => (isEnding = true));
  const tellSealing = sealingTeller(sealing);
  let next = 0;
  const recordSome = async (): Promise<void> => {
    while (!isEnding) {
      await recordOne(next++);
      // A store without threads answers before timers and input get their turn.
      await setImmediate();
      tellSealing();
    }
  };
  const recordOne = async (number: number): Promise<void> => {
    const tenant = number % 5 === 4 ? "other" : "default";
    const fields = { number, note: "x".repeat((number * 137) % 700), name: `Customer ${number}` };
    const actor = { type: "user", id: "42" };
    try {
      const { seq, id } = await trail.record("shop.sold", {
        ...{ tenant, actor, data: fields, subjects: [`customer/${number % 10}`] },
        target: { type: "article", id: String(number % 7) },
      });
      tell(`ACK ${tenant} ${seq} ${id}`);
    } catch (error) {
      tell(`REFUSED ${codeOf(error)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, recordSome));
  await sealing.close();
  await trail.close();
  tell("CLOSED");
}

function sealingTeller(sealing: ReturnType<typeof openSealing>): () => void {
  let told: string | undefined;
  return () => {
    const { state, lastCheckpoint, refused, failure } = sealing.status();
    const line =
      state === "ok"
        ? lastCheckpoint && `SIGNED ${lastCheckpoint.size}`
        : `UNSEALED ${[failure, ...refused]
            .map((each) => each?.code ?? "")
            .join(" ")
            .trim()}`;
    if (line !== undefined && line !== told) tell(line);
    told = line;
  };
}

const [task] = process.argv.slice(2);
if (task !== undefined) await run(JSON.parse(task) as RecordingTask);
