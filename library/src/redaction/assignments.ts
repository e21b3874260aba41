/**
 * Secrets that a text gives a name to: `password=…`, `"apiKey": "…"`, `Authorization: …`, `--token …`,
 * `<password>…</password>`. The name is judged as a field's name is; only the value's span is reported.
 */

import type { SecretKind } from "./secret-names.ts";
import { valueSpan } from "./value-span.ts";

export type JudgeName = (name: string) => SecretKind | undefined;
export type Span = readonly [start: number, end: number];

const named =
  /(?:(?<![\w.$-])-{0,2}|(?<=%(?:5B|3F|26|22|7B)))((?:[A-Za-z]{1,32} ){0,2}[\p{L}_$][\p{L}\p{N}_.$-]{0,63})(?:\]|%5D|%22)?(\\*["'`])?\s{0,4}(=>|:=|=(?!=)|%3D|%3A|:(?!\/\/))\s{0,4}/gu;
const flag = /(?<![\w-])--?([A-Za-z][\w-]{1,63})\s{1,4}(?=[^\s-])/g;
const element = /<([A-Za-z_][\w.:-]{0,63})(?:\s[^<>]{0,256})?>(?=[^<])/g;
const stated = /(?<![\w.$-])((?:[A-Za-z]{1,32} ){0,2}[A-Za-z]{3,32}) (?:is|was|are) (?=\S{4})/gi;
/** Headers whose whole line is the secret, spaces included. */
const headerNames = /(?:^|[^A-Za-z])(?:authori[sz]ation|(?:set-?)?cookie)$/i;
/** Query parameters that grant access by being there, but are ordinary words as field names. */
const queryNames = /^(?:sig|signature|auth)$/i;

/** The spans of named secrets, in order, none overlapping another. */
export function findAssignments(text: string, judge: JudgeName): Span[] {
  const spans: Span[] = [];
  collect(text, named, spans, (match, start) => {
    const name = match[1]!;
    if (isPartOfName(text, match, start) || isWorkingDirectory(name, text, start)) return undefined;
    if (judge(name) === undefined) return grantsAccess(text, match, start) ? valueSpan(text, start, "form") : undefined;
    if (headerNames.test(name) && match[3] === ":" && match[2] === undefined)
      return lineSpan(text, start, text[match.index - 1]);
    const assigned = match[3] !== ":" || match[2] !== undefined;
    return valueSpan(text, start, assigned ? "form" : judgesEasily(name) ? "password" : "prose");
  });
  collect(text, flag, spans, (match, start) =>
    judge(match[1]!) === undefined ? undefined : valueSpan(text, start, "form"),
  );
  collect(text, element, spans, (match, start) =>
    judge(match[1]!) === undefined ? undefined : untilNext(text, start, "<"),
  );
  collect(text, stated, spans, (match, start) =>
    judge(match[1]!) === undefined ? undefined : valueSpan(text, start, "stated"),
  );
  return withoutOverlaps(spans);
}

function collect(
  text: string,
  pattern: RegExp,
  spans: Span[],
  span: (match: RegExpExecArray, start: number) => Span | undefined,
): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const found = span(match, pattern.lastIndex);
    if (found === undefined || found[1] <= found[0]) continue;
    spans.push(found);
    pattern.lastIndex = Math.max(pattern.lastIndex, found[1]);
  }
}

/** Names after which even a plain word is more likely the secret than prose. */
function judgesEasily(name: string): boolean {
  return /(?:pass\w*|pwd|pin|otp|cv[vc])$/i.test(name);
}

/** `arn:aws:secretsmanager:eu-west-1:1:secret:db/main`: between colons a word says what kind of thing a name is for. */
function isPartOfName(text: string, match: RegExpExecArray, start: number): boolean {
  return text[match.index - 1] === ":" && match[3] === ":" && text[start - 1] === ":";
}

/** The shell's `PWD=/home/dana`. */
function isWorkingDirectory(name: string, text: string, start: number): boolean {
  return text[start] === "/" && (name === "PWD" || name === "OLDPWD");
}

/** `?sig=…` of a signed URL, a long `?code=…` of OAuth, `AccountKey=…` of a connection string. */
function grantsAccess(text: string, match: RegExpExecArray, start: number): boolean {
  if (match[3] !== "=") return false;
  if (match[1] === "AccountKey") return true;
  const sign = text[match.index - 1];
  if (sign !== "?" && sign !== "&") return false;
  return queryNames.test(match[1]!) || (match[1] === "code" && /^[^&\s]{20}/.test(text.slice(start, start + 20)));
}

/** To the end of the line, or of the quotes that the whole header stands in. */
function lineSpan(text: string, start: number, before: string | undefined): Span {
  if (text.startsWith("[masked]", start)) return [start, start];
  lineEnd.lastIndex = start;
  const end = lineEnd.exec(text)?.index ?? text.length;
  const quote = before === '"' || before === "'" ? text.indexOf(before, start) : -1;
  return [start, quote === -1 ? end : Math.min(quote, end)];
}

const lineEnd = /[\r\n]|\\[rn]/g;

function untilNext(text: string, start: number, stop: string): Span {
  const end = text.indexOf(stop, start);
  return [start, end === -1 ? text.length : end];
}

function withoutOverlaps(spans: Span[]): Span[] {
  spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const kept: Span[] = [];
  for (const span of spans) {
    const last = kept.at(-1);
    if (last === undefined || span[0] >= last[1]) kept.push(span);
    else if (span[1] > last[1]) kept[kept.length - 1] = [last[0], span[1]];
  }
  return kept;
}
