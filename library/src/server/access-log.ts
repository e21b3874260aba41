/** What people and programs do through the server, as entries of the log `auditrail`. */

import { anchorTenant } from "../event/system-log.ts";
import type { EventFields } from "../event/event.ts";
import { formatInstant, type Clock } from "../base/time.ts";
import { createCollapseReads } from "../capture/collapse-reads.ts";
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
   * others with their number when the minute is over. Where personal data is shown, it resolves when the entry is on disk, and
   * rejects where it cannot be. Other reading waits for no disk: it is recorded in a moment, with whatever else was read in it,
   * and where that fails it is counted.
   */
  read(origin: Origin, reads: Reads): Promise<void>;
  /** Reads that could not be recorded. */
  unrecorded(): number;
  /** Records what was counted and not told yet. */
  close(): Promise<void>;
}

const windowMs = 60_000;
/** How long a read that nothing waits for is kept for company: one commit for a hundred of them is a tenth of the work. */
const gatherMs = 50;

export interface AccessLogOptions {
  readonly record: RecordEvent;
  readonly store: Pick<Store<unknown>, "listTrails">;
  readonly homeTenant: string;
  readonly clock: Clock;
}

export function createAccessLog({ record, store, homeTenant, clock }: AccessLogOptions): AccessLog {
  const collapse = createCollapseReads<Promise<void>>(windowMs, clock);
  const gathering = createGathering();
  const underWay = new Set<Promise<void>>();
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

  /** What nobody waits for but closing; where it fails it is counted. */
  const keepLater = (origin: Origin, reads: Reads, more: EventFields): Promise<void> => {
    const kept = gathering
      .next()
      .then(() => keepReads(origin, reads, more))
      .catch(() => void (unrecorded += more.collapsed?.count ?? 1))
      .finally(() => underWay.delete(kept));
    underWay.add(kept);
    return kept;
  };

  return {
    record: (action, origin, fields) => keep(action, origin, fields),
    async read(origin, reads) {
      const { type, id } = actorOf(origin.caller);
      const key = JSON.stringify([type, id, reads.tenant, reads.query, reads.revealed]);
      const occurredAt = formatInstant(clock.nowMicros());
      const first = collapse.add(key, (collapsed) => {
        if (collapsed !== undefined) return keepLater(origin, reads, { collapsed });
        return reads.revealed ? keepReads(origin, reads, {}) : keepLater(origin, reads, { occurredAt });
      });
      if (!reads.revealed) return;
      // Repetitions wait for the first as well: of what was shown, one entry at least is on disk.
      try {
        await first;
      } catch (error) {
        collapse.forget(key, first);
        unrecorded += 1;
        throw error;
      }
    },
    unrecorded: () => unrecorded,
    async close() {
      collapse.flush();
      gathering.end();
      await Promise.all(underWay);
    },
  };
}

/** `next` resolves for all that ask within a moment at once, in one turn of the event loop. */
function createGathering(): { next(): Promise<void>; end(): void } {
  let next: { readonly promise: Promise<void>; readonly end: () => void } | undefined;
  return {
    next() {
      if (next !== undefined) return next.promise;
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        next = undefined;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, gatherMs);
      next = { promise, end };
      return promise;
    },
    end: () => next?.end(),
  };
}

function whereOf({ address, requestId, userAgent, route }: Origin): NonNullable<EventFields["context"]> {
  const agent = userAgent === undefined || userAgent === "" ? {} : { userAgent: userAgent.slice(0, 512) };
  return { source: "http", ip: address, requestId, route, ...agent };
}
