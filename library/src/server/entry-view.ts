import type { Catalogue } from "../event/catalogue.ts";
import { openEntry, type Entry, type StoredEntry } from "../event/entry.ts";
import { logOf, type AuditEvent } from "../event/event.ts";
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
export function openFor(stored: StoredEntry, reader: Pick<Reader, "reveals">, catalogue: Catalogue): Entry {
  const shown = openShown(stored, reader);
  return { ...shown, event: upcastEvent(shown.event, catalogue) };
}

function openShown(stored: StoredEntry, { reveals }: Pick<Reader, "reveals">): Entry {
  return reveals ? openEntry(stored) : openMasked(stored);
}

/** Personal data is not even parsed; what was erased, rather than masked, has no compartment any more. */
function openMasked(stored: StoredEntry): Entry {
  const isKept = (index: number): boolean => stored.sealed.some((part) => part.index === index);
  const entry = openEntry({ ...stored, sealed: [] });
  const erased = (entry.event.sealed ?? []).flatMap(({ paths }, index) => (isKept(index) ? [] : paths));
  return { ...entry, erased };
}

export function viewEntry(stored: StoredEntry, reader: Pick<Reader, "reveals">, catalogue: Catalogue): EntryView {
  const entry = openFor(stored, reader, catalogue);
  return { ...entry, ...describe(stored, reader, entry.event, catalogue) };
}

/**
 * JSON of what {@link viewEntry} gives. The event is the text that the store keeps, unless personal data was put back or it is of an
 * older version: it is read for the sentence, but need not be written again.
 */
export function writeEntry(stored: StoredEntry, reader: Pick<Reader, "reveals">, catalogue: Catalogue): string {
  const { event, erased, seq, recordedAt, hash } = openShown(stored, reader);
  const current = upcastEvent(event, catalogue);
  const isAsKept = current === event && !showsPersonal(stored, reader);
  const { masked, log, sentence } = describe(stored, reader, current, catalogue);
  return (
    `{"seq":${seq},"recordedAt":"${recordedAt}","hash":"${hash}","event":${isAsKept ? stored.text : JSON.stringify(current)}` +
    `,"erased":${JSON.stringify(erased)},"masked":${JSON.stringify(masked)},"log":${JSON.stringify(log)},"sentence":${JSON.stringify(sentence)}}`
  );
}

function describe(
  stored: StoredEntry,
  { reveals }: Pick<Reader, "reveals">,
  event: AuditEvent,
  catalogue: Catalogue,
): Pick<EntryView, "masked" | "log" | "sentence"> {
  const { action, sealed = [] } = event;
  const isKept = (index: number): boolean => stored.sealed.some((part) => part.index === index);
  const masked = reveals ? [] : sealed.flatMap(({ paths }, index) => (isKept(index) ? paths : []));
  const says = catalogue.lookup(action)?.definition.says ?? "{actor}: {action} {target}";
  return { masked, log: logOf(action), sentence: renderSentence(says, event) };
}

/** Whether there is personal data in what the reader is shown. */
export function showsPersonal(stored: StoredEntry, { reveals }: Pick<Reader, "reveals">): boolean {
  return reveals && stored.sealed.length > 0;
}
