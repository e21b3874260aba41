import { AuditError } from "../../base/errors.ts";
import { parseInstant } from "../../base/time.ts";
import { parseEventText } from "../../event/entry.ts";
import type { BucketUnit } from "../../query/request.ts";
import { noteRead, type AnyCall, type Handlers } from "../call.ts";
import type { Asked } from "../reading.ts";
import { askedOf } from "./asked.ts";

const mostFacets = 20;
const defaultFacetValues = 20;

export const countHandlers: Handlers<"countEntries" | "listFacets" | "readHistogram"> = {
  async countEntries(call) {
    const { by = [], bucket, zone = "UTC", query } = call.query;
    const asked = askedOf(call, call.query);
    const groups = { by, ...(bucket === undefined ? {} : { bucket: { unit: bucket, zone } }) };
    const counts = await call.services.reading.count(asked, groups);
    await noteRead(call, "counts", asked.tenant, query, call.services.rules.reveals(asked.reader, by));
    return counts;
  },

  async listFacets(call) {
    const { fields, limit = defaultFacetValues, query } = call.query;
    const asked = askedOf(call, call.query);
    if (fields.length > mostFacets) throw tooMany(fields.length);
    const { rules } = call.services;
    const shown = fields.filter((field) => rules.mayAsk(asked.reader, field));
    const facets = [];
    for (const field of shown) {
      const counts = await call.services.reading.countAtOnce(asked, { by: [field] });
      const values = counts.rows.map(({ keys, count }) => ({ value: keys[0] ?? null, count }));
      values.sort((a, b) => b.count - a.count);
      const others = Math.max(0, values.length - limit);
      facets.push({ field, values: values.slice(0, limit), others, complete: counts.complete });
    }
    await noteRead(call, "counts", asked.tenant, query, rules.reveals(asked.reader, shown));
    const leftOut = fields.filter((field) => !shown.includes(field));
    return {
      facets,
      leftOut: leftOut.map((field) => ({ field, code: "QUERY_PERSONAL" as const })),
      complete: facets.every(({ complete }) => complete),
    };
  },

  async readHistogram(call) {
    const { zone = "UTC", query } = call.query;
    const asked = askedOf(call, call.query);
    const bucket = call.query.bucket ?? (await chooseBucket(call, asked));
    const groups = { by: ["outcome"], bucket: { unit: bucket, zone } };
    const counts = await call.services.reading.countAtOnce(asked, groups);
    await noteRead(call, "counts", asked.tenant, query, false);
    const bars = new Map<string, Map<string, number>>();
    for (const { keys, count } of counts.rows) {
      const begins = keys[0]!;
      if (!bars.has(begins)) bars.set(begins, new Map());
      bars.get(begins)!.set(keys[1] ?? "unknown", count);
    }
    return {
      bucket,
      bars: [...bars].map(([begins, outcomes]) => showBar(begins, outcomes)),
      complete: counts.complete,
    };
  },
};

function showBar(begins: string, outcomes: ReadonlyMap<string, number>) {
  const count = outcomes.values().reduce((sum, each) => sum + each, 0);
  return { begins, count, outcomes: Object.fromEntries(outcomes) };
}

const hourMicros = 3_600_000_000;

/** The narrowest that gives no more bars than fit on a screen. */
const widths: readonly { readonly unit: BucketUnit; readonly upToMicros: number }[] = [
  { unit: "minute", upToMicros: 4 * hourMicros },
  { unit: "hour", upToMicros: 8 * 24 * hourMicros },
  { unit: "day", upToMicros: 200 * 24 * hourMicros },
  { unit: "week", upToMicros: 4 * 365 * 24 * hourMicros },
  { unit: "month", upToMicros: 20 * 365 * 24 * hourMicros },
];

async function chooseBucket({ services }: AnyCall, asked: Asked): Promise<BucketUnit> {
  const edge = async (direction: "newest" | "oldest"): Promise<number | undefined> => {
    const { entries } = await services.reading.page({ ...asked, order: { by: "time", direction }, limit: 1 });
    return entries[0] === undefined ? undefined : parseInstant(parseEventText(entries[0].text).occurredAt);
  };
  const [oldest, newest] = [await edge("oldest"), await edge("newest")];
  const span = oldest === undefined || newest === undefined ? 0 : newest - oldest;
  return widths.find(({ upToMicros }) => span <= upToMicros)?.unit ?? "year";
}

function tooMany(count: number): AuditError {
  const problem = `fields: ${count} were named, expected at most ${mostFacets}`;
  return new AuditError("REQUEST_INVALID", `Cannot count facets: ${problem}.`, { details: { problems: [problem] } });
}
