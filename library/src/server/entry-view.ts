import type { Catalogue } from "../event/catalogue.ts";
import { openEntry, type Entry, type StoredEntry } from "../event/entry.ts";
import { logOf } from "../event/event.ts";
import { renderSentence } from "../event/sentence.ts";
import { upcastEvent } from "../event/upcast.ts";
import type { Reader } from "./caller.ts";

/** An entry as a reader gets it. */
export interface EntryView extends Entry {
  /** JSON Pointers of personal data that is there, and that this reader is not shown. */
  readonly masked: readonly string[];
  readonly log: string;
  readonly sentence: string;
}

/** An entry with its personal data, or without. Masking goes before upcasting, which may move what is masked. */
export function openFor(stored: StoredEntry, { reveals }: Pick<Reader, "reveals">, catalogue: Catalogue): Entry {
  const shown = reveals ? openEntry(stored) : openMasked(stored);
  return { ...shown, event: upcastEvent(shown.event, catalogue) };
}

/** Personal data is not even parsed; what was erased, rather than masked, has no compartment any more. */
function openMasked(stored: StoredEntry): Entry {
  const kept = new Set(stored.sealed.map(({ index }) => index));
  const entry = openEntry({ ...stored, sealed: [] });
  const erased = (entry.event.sealed ?? []).flatMap(({ paths }, index) => (kept.has(index) ? [] : paths));
  return { ...entry, erased };
}

export function viewEntry(stored: StoredEntry, reader: Pick<Reader, "reveals">, catalogue: Catalogue): EntryView {
  const entry = openFor(stored, reader, catalogue);
  const { action, sealed = [] } = entry.event;
  const kept = new Set(stored.sealed.map(({ index }) => index));
  const masked = reader.reveals ? [] : sealed.flatMap(({ paths }, index) => (kept.has(index) ? paths : []));
  const says = catalogue.lookup(action)?.definition.says ?? "{actor}: {action} {target}";
  return { ...entry, masked, log: logOf(action), sentence: renderSentence(says, entry.event) };
}

/** Whether there is personal data in what the reader is shown. */
export function showsPersonal(stored: StoredEntry, { reveals }: Pick<Reader, "reveals">): boolean {
  return reveals && stored.sealed.length > 0;
}
