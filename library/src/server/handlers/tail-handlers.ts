import { setTimeout as sleep } from "node:timers/promises";

import { AuditError } from "../../base/errors.ts";
import { noteRead, type AnyCall, type Handlers } from "../call.ts";
import { viewEntry } from "../entry-view.ts";
import type { Asked } from "../reading.ts";
import { askedOf } from "./asked.ts";

/** Five times a second is soon enough for eyes. */
const lookEveryMs = 200;
const perLook = 500;
/** So that proxies do not take silence for the end, and reconnecting begins near the trail's end. */
const beatEveryMs = 10_000;

export const tailHandlers: Handlers<"tailEntries"> = {
  async tailEntries(call) {
    const { query } = call.query;
    const asked = askedOf(call, call.query);
    const from = resumeAt(call.request) ?? call.query.from ?? (await endOf(call, asked.tenant));
    const end = call.services.metrics.open("tail", call.services.limits.tails);
    if (end === undefined)
      throw new AuditError("SERVER_BUSY", "Cannot follow now: as many tails are open as this server takes.");
    try {
      await noteRead(call, "tail", asked.tenant, query, asked.reader.reveals);
    } catch (error) {
      end();
      throw error;
    }
    const headers = {
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
      "cache-control": "no-store, no-transform",
    };
    return new Response(streamEntries(call, asked, from, end), { headers });
  },
};

/** `Last-Event-ID` is the position of the last entry that the client has. */
function resumeAt(request: Request): number | undefined {
  const last = request.headers.get("last-event-id") ?? "";
  return /^\d{1,15}$/.test(last) ? Number(last) + 1 : undefined;
}

async function endOf({ services }: AnyCall, tenant: string): Promise<number> {
  return (await services.store.listTrails()).find((head) => head.tenant === tenant)?.size ?? 0;
}

function streamEntries(call: AnyCall, asked: Asked, from: number, end: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const stopped = new AbortController();
  const signal = AbortSignal.any([stopped.signal, call.services.closing]);
  const events = follow(call, asked, from, signal);
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const next = await events.next();
          if (next.done !== true) return controller.enqueue(encoder.encode(next.value));
        } catch {
          // The client comes back by itself, and is told then what is wrong.
        }
        end();
        controller.close();
      },
      cancel() {
        stopped.abort();
        end();
      },
    },
    { highWaterMark: 1 },
  );
}

/** The stream's text, piece by piece, until the signal aborts or the caller may not read any more. */
async function* follow(
  call: AnyCall,
  asked: Asked,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  const { store, reading, catalogue } = call.services;
  const { tenant, reader } = asked;
  let position = from;
  yield `retry: 2000\n${at(position)}event: open\ndata: {}\n\n`;
  for (let quietMs = 0; !signal.aborted;) {
    const stored = await store.read(tenant, position, position + perLook);
    const seen = stored.filter((entry) => reading.isSeen(asked, entry));
    position = (stored.at(-1)?.seq ?? position - 1) + 1;
    const text = seen
      .map(
        (entry) => `id: ${entry.seq}\nevent: entry\ndata: ${JSON.stringify(viewEntry(entry, reader, catalogue))}\n\n`,
      )
      .join("");
    if (text !== "" && !call.mayGoOn()) return;
    if (text !== "") yield text;
    if (stored.length === perLook) continue;
    position = Math.max(position, await firstOf(call, tenant, stored.length === 0 && quietMs === 0));
    quietMs += lookEveryMs;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (quietMs < beatEveryMs) continue;
    quietMs = 0;
    if (!call.mayGoOn()) return;
    yield `${at(position)}event: position\ndata: {}\n\n`;
  }
}

/** Positions that were pruned are skipped. Asked seldom: pruning is rare, and nothing is lost by waiting. */
async function firstOf({ services }: AnyCall, tenant: string, isDue: boolean): Promise<number> {
  if (!isDue) return 0;
  return (await services.store.listTrails()).find((head) => head.tenant === tenant)?.first ?? 0;
}

function at(position: number): string {
  return position === 0 ? "" : `id: ${position - 1}\n`;
}
