/** One entry whole, in sections: who, what, on what, result, when, where, why, change, data, marks, proof. */

import { parseInstant } from "../base/time.ts";
import type { Json } from "../base/canonical-json.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import { reference, type Actor, type AuditEvent } from "../event/event.ts";
import { leaves, listChanges, showPath, valueAt } from "../formats/changes.ts";
import { showSentence, showValue } from "../formats/entry-text.ts";
import { outcomeMark, paintOutcome } from "./entry-text.ts";
import { createPaint, type Paint } from "./paint.ts";
import type { TextOutput } from "./text-output.ts";
import { fitText, padText, textWidth, wrapText } from "./text-width.ts";
import { showExactTime, showRelative, showSpan } from "./times.ts";
import { visibleLines, visibleText } from "../formats/visible-text.ts";

export interface EntryContext {
  readonly output: TextOutput;
  readonly zone: string;
  readonly catalogue: Catalogue | undefined;
  readonly nowMicros: number;
}

interface Drawing extends EntryContext {
  readonly paint: Paint;
  readonly columns: number;
}

type Section = readonly [title: string, lines: readonly string[]];

/** Sections that begin a new block. */
const spaced: ReadonlySet<string> = new Set(["who", "change", "before", "after", "data", "marks", "entry"]);
const titleColumns = 10;
const widest = 120;

export function drawEntry(entry: Entry, context: EntryContext): string {
  const { output } = context;
  const drawing: Drawing = {
    ...context,
    paint: createPaint(output),
    columns: Math.min(output.columns, widest) - titleColumns,
  };
  const { event } = entry;
  const sections: readonly Section[] = [
    ["what", drawWhat(event, drawing)],
    ["result", drawResult(event, drawing)],
    ["who", drawWho(event, drawing)],
    ["on", drawTargets(event, drawing)],
    ["when", drawWhen(entry, drawing)],
    ["where", drawWhere(event, drawing)],
    ["why", drawWhy(event, drawing)],
    ["change", drawChanges(entry, drawing)],
    ...drawStates(entry, drawing),
    ["data", drawTree(event.data, "/data", entry, drawing)],
    ["marks", drawMarks(entry, drawing)],
    ["entry", drawProof(entry, drawing)],
  ];
  const { strong, dim } = drawing.paint;
  const heading = strong(`Entry ${entry.seq} of trail ${visibleText(event.tenant)}`);
  const drawn = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => drawSection(dim, title, lines));
  return `${heading}\n\n${drawn.join("")}`;
}

function drawSection(dim: (text: string) => string, title: string, lines: readonly string[]): string {
  const [first, ...rest] = lines;
  const gap = " ".repeat(titleColumns);
  const lead = spaced.has(title) ? "\n" : "";
  return (
    lead +
    [dim(title.padEnd(titleColumns)) + first!, ...rest.map((line) => gap + line)]
      .map((line) => `${line.trimEnd()}\n`)
      .join("")
  );
}

function drawWhat(event: AuditEvent, { catalogue, paint, columns }: Drawing): string[] {
  const sentence = wrapText(showSentence(event, catalogue), columns).map(paint.strong);
  const facts = [event.action, event.op, event.severity, ...(event.version > 1 ? [`version ${event.version}`] : [])];
  const message =
    event.message === undefined ? [] : visibleLines(event.message).flatMap((line) => wrapText(line, columns));
  return [...sentence, paint.dim(facts.map(visibleText).join(" · ")), ...message];
}

function drawResult({ outcome, durationMs, error, collapsed }: AuditEvent, { paint, columns }: Drawing): string[] {
  const took = durationMs === undefined ? "" : ` in ${showSpan(durationMs * 1000)}`;
  const lines = [`${paintOutcome(outcome, paint)(`${outcomeMark(outcome)} ${visibleText(outcome)}`)}${took}`];
  if (error !== undefined) {
    const title = [error.name, error.code].filter((part) => part !== undefined).join(" ");
    lines.push(...wrapText(`${visibleText(title)}: ${visibleText(error.message)}`, columns).map(paint.bad));
    const stack = visibleLines(error.stack ?? "").filter((line) => /^\s+at /.test(line));
    lines.push(...stack.slice(0, 6).map((line) => paint.dim(fitText(`  ${line.trim()}`, columns))));
    if (stack.length > 6) lines.push(paint.dim(`  … ${stack.length - 6} more with --json`));
  }
  if (collapsed !== undefined)
    lines.push(
      `stands for ${collapsed.count} like it, from ${visibleText(collapsed.from)} to ${visibleText(collapsed.until)}`,
    );
  return lines;
}

function drawWho({ actor, onBehalfOf = [] }: AuditEvent, { paint }: Drawing): string[] {
  return [describeActor(actor, paint), ...onBehalfOf.map((each) => `for ${describeActor(each, paint)}`)];
}

function describeActor(actor: Actor, paint: Paint): string {
  const { name, email, roles, credential, agent } = actor;
  const parts = [name, reference(actor), email].filter((part) => part !== undefined).map(visibleText);
  const more = [
    ...(roles === undefined ? [] : [`roles ${roles.join(", ")}`]),
    ...(credential === undefined ? [] : [`credential ${credential}`]),
    ...(agent === undefined ? [] : [`through ${agent}`]),
  ];
  return [...parts, ...more.map((part) => paint.dim(visibleText(part)))].join("  ");
}

function drawTargets({ targets = [], subjects = [] }: AuditEvent, { paint }: Drawing): string[] {
  const lines = targets.map((target) => {
    const { name, role, parent } = target;
    const facts = [...(role === undefined ? [] : [`as ${role}`]), ...(parent === undefined ? [] : [`of ${parent}`])];
    const named = name === undefined ? [reference(target)] : [name, reference(target)];
    return [...named.map(visibleText), ...facts.map((fact) => paint.dim(visibleText(fact)))].join("  ");
  });
  return subjects.length === 0
    ? lines
    : [...lines, paint.dim(`personal data of ${subjects.map(visibleText).join(", ")}`)];
}

function drawWhen({ event, recordedAt }: Entry, { zone, nowMicros, paint }: Drawing): string[] {
  const occurred = parseInstant(event.occurredAt);
  const recorded = parseInstant(recordedAt);
  const delay = Math.abs(recorded - occurred) < 1_000_000 ? "" : `, recorded ${showExactTime(recorded, zone)}`;
  return [`${showExactTime(occurred, zone)} ${zone}${delay}  ${paint.dim(showRelative(occurred, nowMicros))}`];
}

function drawWhere({ context }: AuditEvent, { columns }: Drawing): string[] {
  if (context === undefined) return [];
  const { source, service, route, ip, ...rest } = context;
  const first = [source, service, route, ip]
    .filter((part) => part !== undefined)
    .map(visibleText)
    .join("  ");
  const others = Object.entries(rest).map(([name, value]) => `${visibleText(name)} ${visibleText(String(value))}`);
  return [...(first === "" ? [] : [first]), ...others.flatMap((line) => wrapText(line, columns))];
}

function drawWhy(
  { reason, operationId, causationId, correlationId }: AuditEvent,
  { paint, columns }: Drawing,
): string[] {
  const ids = { operation: operationId, "caused by": causationId, correlation: correlationId };
  const chain = Object.entries(ids).flatMap(([name, id]) =>
    id === undefined ? [] : [paint.dim(`${name} ${visibleText(id)}`)],
  );
  return [...(reason === undefined ? [] : wrapText(visibleText(reason), columns)), ...chain];
}

function drawChanges(entry: Entry, drawing: Drawing): string[] {
  const { paint, columns } = drawing;
  const changes = listChanges(entry.event);
  const width = Math.min(28, Math.max(0, ...changes.map(({ path }) => textWidth(visibleText(showPath(path))))));
  return changes.flatMap(({ path, before, after }) => {
    const values = [
      paintValue(before, `/before${path}`, entry, paint.bad, drawing),
      paintValue(after, `/after${path}`, entry, paint.good, drawing),
    ];
    const name = padText(visibleText(showPath(path)), width);
    const line = `${name}  ${values.map(({ text }) => text).join(" → ")}`;
    if (textWidth(line) <= columns) return [`${name}  ${values.map(({ painted }) => painted).join(" → ")}`];
    // Long values stand below each other, so that they can be compared.
    return [
      name,
      ...wrapText(`- ${values[0]!.text}`, columns - 2).map((part) => `  ${paint.bad(part)}`),
      ...wrapText(`+ ${values[1]!.text}`, columns - 2).map((part) => `  ${paint.good(part)}`),
    ];
  });
}

/** The states themselves, where nothing changed between them. */
function drawStates(entry: Entry, drawing: Drawing): readonly Section[] {
  const { before, after } = entry.event;
  if (listChanges(entry.event).length > 0) return [];
  return [
    ["before", drawTree(before, "/before", entry, drawing)],
    ["after", drawTree(after, "/after", entry, drawing)],
  ];
}

function paintValue(
  value: Json | undefined,
  pointer: string,
  entry: Entry,
  usual: (text: string) => string,
  { paint }: Drawing,
) {
  const mark = markAt(pointer, entry);
  const shown = showValue(value);
  const text =
    mark === undefined || shown.includes(`[${mark}]`) ? shown : mark === "erased" ? "[erased]" : `${shown} [${mark}]`;
  return { text, painted: mark === undefined ? usual(text) : paint.warning(text) };
}

/** What was done to a value: erased, masked or cut. */
function markAt(pointer: string, { erased, event }: Entry): string | undefined {
  const isHere = (path: string): boolean => path === pointer || pointer.startsWith(`${path}/`);
  if (erased.some(isHere)) return "erased";
  if (event.redacted?.some(({ path }) => isHere(path)) === true) return "masked";
  return event.truncated?.some(({ path }) => isHere(path)) === true ? "cut" : undefined;
}

function drawTree(data: Json | undefined, pointer: string, entry: Entry, drawing: Drawing): string[] {
  const paths = leaves(data);
  const names = paths.map((path) => textWidth(visibleText(showPath(path))));
  const width = Math.min(Math.max(28, Math.floor(drawing.columns / 2)), Math.max(0, ...names), 60);
  return paths.flatMap((path) => {
    const { text, painted } = paintValue(valueAt(data, path), pointer + path, entry, (plain) => plain, drawing);
    const name = padText(visibleText(showPath(path)), width);
    const room = drawing.columns - width - 2;
    if (textWidth(text) <= room) return [`${drawing.paint.dim(name)}  ${painted}`];
    const [first, ...rest] = wrapText(text, Math.max(room, 20));
    return [`${drawing.paint.dim(name)}  ${first}`, ...rest.map((line) => `${" ".repeat(width)}  ${line}`)];
  });
}

function drawMarks({ event, erased }: Entry, { paint }: Drawing): string[] {
  const redacted = (event.redacted ?? []).map(({ path, rule }) => `${path} was masked as a secret (${rule})`);
  const truncated = (event.truncated ?? []).map(
    ({ path, bytes }) => `${path} was cut; it had ${bytes.toLocaleString("en")} bytes`,
  );
  const gone = erased.map((path) => `${path} was personal data and has been erased`);
  return [...redacted, ...truncated, ...gone].map((line) => paint.warning(visibleText(line)));
}

function drawProof({ event, hash }: Entry, { paint }: Drawing): string[] {
  const sealed = (event.sealed ?? []).map(
    ({ subject, paths }) =>
      `${paths.length} personal ${paths.length === 1 ? "value" : "values"} of ${subject} sealed beside it`,
  );
  return [`id ${event.id}`, `hash ${hash}`, ...sealed.map(visibleText)].map((line) => paint.dim(visibleText(line)));
}
