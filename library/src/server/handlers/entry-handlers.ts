import { AuditError } from "../../base/errors.ts";
import { and, type Query } from "../../query/ast.ts";
import { assertEmbedScope } from "../embed-token.ts";
import { noteRead, type AnyCall, type Handlers } from "../call.ts";
import { JsonText, respondWithEtag } from "../respond.ts";
import type { Asked } from "../reading.ts";
import { askedOf, isText, refersTo, seqIs, showEntries } from "./asked.ts";

const defaultLimit = 50;
const defaultNeighbours = 10;

interface ListingParameters {
  readonly by?: "time" | "seq" | undefined;
  readonly direction?: "newest" | "oldest" | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export const entryHandlers: Handlers<
  "listEntries" | "readEntry" | "listSurrounding" | "listTimeline" | "listEmbeddedTimeline"
> = {
  async listEntries(call) {
    const asked = askedOf(call, call.query);
    const { page, revealed } = await readPage(call, asked, call.query);
    await noteRead(call, "entries", asked.tenant, call.query.query, revealed);
    return JsonText.object(page);
  },

  async readEntry(call) {
    const asked = askedOf(call, call.query);
    const stored = await call.services.reading.one(asked.reader, asked.tenant, call.parameters.entry);
    const { shown, revealed } = showEntries(call, asked, [stored]);
    await noteRead(call, "entry", asked.tenant, `seq:${stored.seq}`, revealed);
    return respondWithEtag(shown[0], call.request);
  },

  async listSurrounding(call) {
    const { before = defaultNeighbours, after = defaultNeighbours } = call.query;
    const asked = askedOf(call, call.query);
    const { reading } = call.services;
    const stored = await reading.one(asked.reader, asked.tenant, call.parameters.entry);
    const near = async (operator: "<" | ">", limit: number) => {
      if (limit === 0) return [];
      const order = { by: "seq", direction: operator === "<" ? "newest" : "oldest" } as const;
      return (await reading.page({ ...asked, query: and(asked.query, seqIs(operator, stored.seq)), order, limit }))
        .entries;
    };
    const [older, newer] = [await near("<", before), await near(">", after)];
    const { shown, revealed } = showEntries(call, asked, [...older.toReversed(), stored, ...newer]);
    await noteRead(call, "surrounding", asked.tenant, `seq:${stored.seq}`, revealed);
    const at = older.length;
    return JsonText.object({
      before: JsonText.list(shown.slice(0, at)),
      entry: shown[at]!,
      after: JsonText.list(shown.slice(at + 1)),
    });
  },

  async listTimeline(call) {
    const timeline = timelineOf(call.query);
    const asked = askedOf(call, call.query);
    const { page, revealed } = await readPage(call, { ...asked, query: and(timeline.query, asked.query) }, call.query);
    await noteRead(call, "timeline", asked.tenant, timeline.text, revealed);
    return JsonText.object(page);
  },

  async listEmbeddedTimeline(call) {
    if (call.caller.kind !== "embedded")
      throw new AuditError("EMBED_INVALID", "Cannot show a timeline: there is no embed token.");
    const { actor, target, operation } = call.query;
    assertEmbedScope(call.caller.scope, { actor, target, operation });
    const { tenant, of, reference } = call.caller.scope;
    const timeline = timelineOf({ [of]: reference });
    const asked = { ...askedOf(call, { tenant }), query: timeline.query };
    const { page, revealed } = await readPage(call, asked, call.query);
    await noteRead(call, "timeline", tenant, timeline.text, revealed);
    return JsonText.object({ ...page, of, reference });
  },
};

async function readPage(
  call: AnyCall,
  asked: Asked,
  { by = "time", direction = "newest", limit = defaultLimit, cursor }: ListingParameters,
) {
  const found = await call.services.reading.page({ ...asked, order: { by, direction }, limit, cursor });
  const { shown, revealed } = showEntries(call, asked, found.entries);
  return { page: { entries: JsonText.list(shown), next: found.next ?? null }, revealed };
}

interface TimelineOf {
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly operation?: string | undefined;
}

/** Errors: `REQUEST_INVALID` unless exactly one of them is named. */
export function timelineOf({ actor, target, operation }: TimelineOf): {
  readonly query: Query;
  readonly text: string;
  readonly of: keyof TimelineOf;
} {
  const named = Object.entries({ actor, target, operation }).filter(([, value]) => value !== undefined && value !== "");
  const [only, another] = named;
  if (only === undefined || another !== undefined) {
    const problem = "expected exactly one of actor, target and operation";
    throw new AuditError("REQUEST_INVALID", `Cannot show a timeline: ${problem}.`, {
      details: { problems: [problem] },
    });
  }
  const [of, reference] = only as [keyof TimelineOf, string];
  const query = of === "operation" ? isText(of, reference) : refersTo(of, reference);
  return { query, of, text: `${of}:${reference}` };
}
