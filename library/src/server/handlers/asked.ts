import type { z } from "zod";

import { defaultTenant } from "../../trail/prepare-event.ts";
import type { FieldQuery, Query } from "../../query/ast.ts";
import { assertTenant, readerOf } from "../caller.ts";
import type { AnyCall, Readonlies } from "../call.ts";
import type { Asked } from "../reading.ts";
import { showsPersonal, writeEntry } from "../entry-view.ts";
import { JsonText } from "../respond.ts";
import type { entry } from "../schemas/entry-schemas.ts";
import type { StoredEntry } from "../../event/entry.ts";

interface AskingParameters {
  readonly tenant?: string | undefined;
  readonly query?: string | undefined;
  readonly zone?: string | undefined;
  readonly reveal?: "true" | "false" | undefined;
}

/** What is asked, and whose it is. Errors: `ACCESS_DENIED`, `QUERY_INVALID`, `QUERY_PERSONAL`. */
export function askedOf(call: AnyCall, { tenant = defaultTenant, query, zone, reveal }: AskingParameters): Asked {
  assertTenant(call.caller, tenant);
  const reader = readerOf(call.caller, reveal !== "false");
  return { reader, tenant, query: call.services.reading.parse(reader, query, zone) };
}

/** An entry as its schema has it. */
type ShownEntry = Readonlies<z.input<typeof entry>>;

/** Entries as the reader gets them, and whether any of them shows personal data. */
export function showEntries({ services }: AnyCall, { reader }: Asked, entries: readonly StoredEntry[]) {
  return {
    shown: entries.map((stored) => new JsonText<ShownEntry>(writeEntry(stored, reader, services.catalogue))),
    revealed: entries.some((stored) => showsPersonal(stored, reader)),
  };
}

/** `type/id`, or the id alone, as a test of a field that refers. */
export function refersTo(field: "actor" | "target", text: string): Query {
  const slash = text.indexOf("/");
  const test = slash === -1 ? { id: [text] } : { type: [text.slice(0, slash)], id: [text.slice(slash + 1)] };
  return { kind: "field", field, tests: [{ kind: "reference", ...test }] };
}

export function isText(field: string, text: string): Query {
  return { kind: "field", field, tests: [{ kind: "text", pattern: [text] }] };
}

export function seqIs(operator: "<" | ">", number: number): FieldQuery {
  return { kind: "field", field: "seq", tests: [{ kind: "compare", operator, number }] };
}
