/** What people and programs do through the server, as entries of the log `auditrail`. */

import { anchorTenant } from "../event/system-log.ts";
import type { EventFields } from "../event/event.ts";
import { formatInstant, type Clock } from "../base/time.ts";
import { runWithoutContext } from "../context/context.ts";
import type { RecordEvent } from "../sealing/sealing-types.ts";
import type { Store } from "../trail/contracts.ts";
import { actorOf, type Caller } from "./caller.ts";

/** Where a request came from. */
export interface Origin {
  readonly caller: Caller;
  readonly address: string;
  readonly requestId: string;
  readonly userAgent?: string | undefined;
  readonly route: string;
}

export type ReadWhat = "entries" | "entry" | "surrounding" | "timeline" | "counts" | "tail" | "proof";

export interface Reads {
  readonly what: ReadWhat;
  readonly tenant: string;
  /** The query as it was written; of one entry, its position. */
  readonly query: string;
  /** Whether personal data was shown. */
  readonly revealed: boolean;
}

export interface AccessLog {
  /** Records an action of the log `auditrail`. Errors: those of the trail. */
  record(action: string, origin: Origin, fields: EventFields): Promise<void>;
  /**
   * Records that something was read. Like reads of one caller within a minute are one entry: the first is recorded at once, the
   * others with their number when the minute is over. Reading goes on where recording fails, unless personal data is
   * shown; the failures are counted.
   */
  read(origin: Origin, reads: Reads): Promise<void>;
  /** Reads that could not be recorded. */
  unrecorded(): number;
  /** Records what was counted and not told yet. */
  close(): Promise<void>;
}

const windowMicros = 60_000_000;
const mostWindows = 10_000;

interface Window {
  readonly origin: Origin;
  readonly reads: Reads;
  readonly until: number;
  readonly from: number;
  last: number;
  count: number;
}

export interface AccessLogOptions {
  readonly record: RecordEvent;
  readonly store: Pick<Store<unknown>, "listTrails">;
  readonly homeTenant: string;
  readonly clock: Clock;
}

export function createAccessLog({ record, store, homeTenant, clock }: AccessLogOptions): AccessLog {
  const windows = new Map<string, Window>();
  const known = new Set<string>();
  let unrecorded = 0;

  /** Reading must not make a trail: of one that is not there, the home trail is told. */
  async function trailFor(tenant: string): Promise<string> {
    if (tenant === anchorTenant) return homeTenant;
    if (!known.has(tenant)) for (const head of await store.listTrails()) known.add(head.tenant);
    return known.has(tenant) ? tenant : homeTenant;
  }

  async function keep(action: string, origin: Origin, fields: EventFields, tenant = homeTenant): Promise<void> {
    const event = {
      ...fields,
      tenant: await trailFor(tenant),
      actor: fields.actor ?? actorOf(origin.caller),
      context: whereOf(origin),
    };
    // The request of an application that we are mounted in has a context of its own, which is not ours.
    await runWithoutContext(() => record(action as never, event as never));
  }

  async function keepReads(origin: Origin, { what, tenant, query, revealed }: Reads, more: EventFields): Promise<void> {
    const action = revealed ? "auditrail.revealed" : "auditrail.read";
    await keep(action, origin, { ...more, data: { what, tenant, ...(query === "" ? {} : { query }) } }, tenant);
  }

  const endWindow = async (key: string): Promise<void> => {
    const window = windows.get(key);
    windows.delete(key);
    if (window === undefined || window.count === 0) return;
    const { origin, reads, count, from, last } = window;
    const collapsed = { count, from: formatInstant(from), until: formatInstant(last) };
    await keepReads(origin, reads, { collapsed }).catch(() => (unrecorded += count));
  };

  const endOldWindows = async (now: number): Promise<void> => {
    for (const [key, { until }] of windows) {
      if (until > now && windows.size <= mostWindows) break;
      await endWindow(key);
    }
  };

  return {
    record: (action, origin, fields) => keep(action, origin, fields),
    async read(origin, reads) {
      const now = clock.nowMicros();
      await endOldWindows(now);
      const key = JSON.stringify([
        actorOf(origin.caller).type,
        actorOf(origin.caller).id,
        reads.tenant,
        reads.query,
        reads.revealed,
      ]);
      const window = windows.get(key);
      if (window !== undefined) {
        window.count += 1;
        window.last = now;
        return;
      }
      windows.set(key, { origin, reads, until: now + windowMicros, from: now, last: now, count: 0 });
      try {
        await keepReads(origin, reads, {});
      } catch (error) {
        windows.delete(key);
        unrecorded += 1;
        if (reads.revealed) throw error;
      }
    },
    unrecorded: () => unrecorded,
    async close() {
      for (const key of [...windows.keys()]) await endWindow(key);
    },
  };
}

function whereOf({ address, requestId, userAgent, route }: Origin): NonNullable<EventFields["context"]> {
  const agent = userAgent === undefined || userAgent === "" ? {} : { userAgent: userAgent.slice(0, 512) };
  return { source: "http", ip: address, requestId, route, ...agent };
}
