import { AuditError, isAuditError } from "../../base/errors.ts";
import { formatInstant } from "../../base/time.ts";
import type { StoredEntry } from "../../event/entry.ts";
import { csvLine } from "../../formats/csv.ts";
import { columnReader, defaultColumns } from "../../formats/entry-csv.ts";
import type { AnyCall, Handlers } from "../call.ts";
import { viewEntry } from "../entry-view.ts";
import type { Asked } from "../reading.ts";
import { askedOf } from "./asked.ts";

export const exportHandlers: Handlers<"exportEntries"> = {
  async exportEntries(call) {
    const { format = "jsonl", columns, query = "" } = call.query;
    const asked = askedOf(call, call.query);
    const line = createLine(call, asked, format, columns);
    const { metrics, reading, accessLog, limits } = call.services;
    const end = metrics.open("export", limits.exports);
    if (end === undefined)
      throw new AuditError("SERVER_BUSY", "Cannot export now: as many exports are under way as this server takes.");
    try {
      const entries = (await reading.count(asked, { by: [] })).rows[0]?.count ?? 0;
      // Told before the first byte: what cannot be told is not given away.
      const data = { format, tenant: asked.tenant, query, entries, personal: asked.reader.reveals };
      await accessLog.record("auditrail.exported", call.origin, { data });
    } catch (error) {
      end();
      throw error;
    }
    const headers = { "content-type": types[format], "content-disposition": disposition(call, asked.tenant, format) };
    return new Response(streamLines(call, asked, line, end), { headers });
  },
};

const types = { jsonl: "application/jsonl; charset=utf-8", csv: "text/csv; charset=utf-8; header=present" } as const;

interface Line {
  readonly start: string;
  of(stored: StoredEntry): string;
}

/** Errors: `QUERY_INVALID` for an unknown column, `REQUEST_INVALID` for columns of what has none. */
function createLine(
  { services }: AnyCall,
  { reader }: Asked,
  format: "jsonl" | "csv",
  columns: readonly string[] | undefined,
): Line {
  const { catalogue } = services;
  if (format === "jsonl" && columns !== undefined) {
    const problem = "columns: JSON Lines hold entries whole; ask for format=csv";
    throw new AuditError("REQUEST_INVALID", "Cannot choose columns of JSON Lines.", {
      details: { problems: [problem] },
    });
  }
  if (format === "jsonl")
    return { start: "", of: (stored) => `${JSON.stringify(viewEntry(stored, reader, catalogue))}\n` };
  const names = columns ?? defaultColumns;
  // Of what is masked a column is empty, so any may be asked for; that they exist is checked before the first byte.
  const readers = names.map((name) => columnReader(name, catalogue));
  return {
    start: csvLine(names),
    of: (stored) => csvLine(readers.map((read) => read(viewEntry(stored, reader, catalogue)))),
  };
}

function disposition({ services }: AnyCall, tenant: string, format: string): string {
  const day = formatInstant(services.clock.nowMicros()).slice(0, 10);
  const safe = tenant.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 60);
  return `attachment; filename="auditrail-${safe}-${day}.${format}"`;
}

/** A page at a time, when the client has taken the one before. */
function streamLines(call: AnyCall, asked: Asked, line: Line, end: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pages = call.services.reading.all(asked, { by: "seq", direction: "oldest" })[Symbol.asyncIterator]();
  let pending = line.start;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const page = await pages.next();
          if (isEnded(call))
            throw new AuditError(
              "SESSION_REQUIRED",
              "The session ended during the export, or what it may read was changed.",
            );
          const text = pending + (page.done === true ? "" : page.value.map((stored) => line.of(stored)).join(""));
          pending = "";
          if (text !== "") controller.enqueue(encoder.encode(text));
          // An empty page of a longer list has to be followed by another pull, which only an enqueued chunk brings.
          else if (page.done !== true) controller.enqueue(new Uint8Array(0));
          if (page.done !== true) return;
          end();
          controller.close();
        } catch (error) {
          end();
          controller.error(isAuditError(error) ? new Error(error.code) : error);
        }
      },
      async cancel() {
        end();
        await pages.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}

function isEnded(call: AnyCall): boolean {
  return call.services.closing.aborted || !call.mayGoOn();
}
