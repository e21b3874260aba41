/** A story: what happened in order, how long it took from one to the next, and what each step changed. */

import { parseInstant } from "../base/time.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import { reference } from "../event/event.ts";
import { listChanges } from "../formats/changes.ts";
import { showChange, showNotes, showSentence } from "../formats/entry-text.ts";
import { outcomeMark, paintOutcome } from "./entry-text.ts";
import { createPaint, type Paint } from "./paint.ts";
import type { TextOutput } from "./text-output.ts";
import { padText, textWidth, wrapText } from "./text-width.ts";
import type { Subject } from "./timeline.ts";
import { showClock, showDay, showSpan } from "./times.ts";
import { visibleText } from "../formats/visible-text.ts";

export interface TimelineContext {
  readonly output: TextOutput;
  readonly zone: string;
  readonly catalogue: Catalogue | undefined;
  /** Whether there are earlier events that are not told. */
  readonly isCut: boolean;
}

const minute = 60_000_000;
const indent = "  ";
/** Where the text of an event begins: behind indent, clock and mark. */
const hanging = " ".repeat(15);
const widest = 120;

export function drawTimeline(subject: Subject, entries: readonly Entry[], context: TimelineContext): string {
  const paint = createPaint(context.output);
  const lines = [drawHeading(subject, entries, context, paint)];
  let lastDay = "";
  let lastMicros: number | undefined;
  for (const entry of entries) {
    const micros = parseInstant(entry.event.occurredAt);
    const day = showDay(micros, context.zone);
    if (lastMicros !== undefined && micros - lastMicros >= minute)
      lines.push(paint.dim(`${indent}       │  ${showSpan(micros - lastMicros)} later`));
    if (day !== lastDay) lines.push("", paint.strong(day));
    lines.push(...drawEvent(entry, micros, context, paint));
    [lastDay, lastMicros] = [day, micros];
  }
  return `${lines.join("\n")}\n`;
}

function drawHeading(
  subject: Subject,
  entries: readonly Entry[],
  { isCut, zone }: TimelineContext,
  paint: Paint,
): string {
  const name = nameOf(subject, entries);
  const title =
    name === undefined ? visibleText(subject.reference) : `${visibleText(name)} · ${visibleText(subject.reference)}`;
  const first = parseInstant(entries[0]!.event.occurredAt);
  const last = parseInstant(entries.at(-1)!.event.occurredAt);
  const count = `${isCut ? "the latest " : ""}${entries.length} ${entries.length === 1 ? "event" : "events"}`;
  const span = entries.length === 1 ? "" : ` in ${showSpan(last - first)}`;
  return `${paint.strong(title)}\n${paint.dim(`${count}${span}, times in ${zone}`)}`;
}

/** What the subject was called last. */
function nameOf({ kind, reference: wanted }: Subject, entries: readonly Entry[]): string | undefined {
  for (const { event } of entries.toReversed()) {
    const candidates = kind === "actor" ? [event.actor] : kind === "target" ? (event.targets ?? []) : [];
    const named = candidates.find(
      (each) => (reference(each) === wanted || each.id === wanted) && each.name !== undefined,
    );
    if (named?.name !== undefined && named.name !== "") return named.name;
  }
  return undefined;
}

function drawEvent({ seq, event }: Entry, micros: number, context: TimelineContext, paint: Paint): string[] {
  const { output, zone, catalogue } = context;
  const columns = Math.min(output.columns, widest) - hanging.length;
  const paintMark = paintOutcome(event.outcome, paint);
  const start = `${indent}${showClock(micros, zone)}  ${paintMark(outcomeMark(event.outcome))}  `;
  const sentence = showSentence(event, catalogue);
  // Without a catalogue the sentence is made of the action's name, which need not be said twice.
  const place = sentence.startsWith(visibleText(event.action)) ? `#${seq}` : `${visibleText(event.action)} #${seq}`;
  const lines = withPlace(sentence, place, columns, paint).map((line, index) => (index === 0 ? start : hanging) + line);
  const hang = (text: string, painter: (line: string) => string): void => {
    if (text !== "") lines.push(...wrapText(text, columns).map((line) => hanging + painter(line)));
  };
  hang(showNotes(event, { sentence, changes: true }), event.error === undefined ? paint.dim : paint.bad);
  for (const change of listChanges(event)) hang(showChange(change), paint.accent);
  return lines;
}

/** The sentence with the place at the right end of its last line, or of a line of its own where there is no room. */
function withPlace(sentence: string, place: string, columns: number, paint: Paint): string[] {
  const lines = [...wrapText(sentence, columns)];
  const last = lines.at(-1)!;
  const room = columns - textWidth(place);
  if (textWidth(last) + 2 <= room) lines[lines.length - 1] = padText(last, room) + paint.dim(place);
  else lines.push(" ".repeat(Math.max(0, room)) + paint.dim(place));
  return lines;
}
