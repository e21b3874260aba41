import { errorCodes, type ErrorCode } from "./error-codes.ts";

const brand = Symbol.for("auditrail.error");

export interface AuditErrorOptions {
  /** Facts about the failure for a program to read; never secret, always small. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error class of Auditrail. `code` says what kind of failure it is (see `docs/reference/errors.md`);
 * `message` says what we were doing, what we found, what we expected and what to do.
 */
export class AuditError extends Error {
  override readonly name: string = "AuditError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options: AuditErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whether the same call can succeed later without anybody changing it. */
  get retry(): boolean {
    return errorCodes[this.code].retry;
  }
}

/** Recognises an {@link AuditError} of any copy of this library, which `instanceof` cannot when two are loaded. */
export function isAuditError(value: unknown): value is AuditError {
  return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/** Shows a value in an error message: quoted, one line, at most `limit` characters. */
export function quote(value: unknown, limit = 80): string {
  const text = typeof value === "string" ? value : describe(value);
  const line = JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
  return line.replaceAll("\u007f", "\\u007f");
}

/** What cannot be turned into text (no prototype, a `toString` that throws) must not break the message it is quoted in. */
function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The candidate nearest to `word`, when it is near enough to be what was meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `Did you mean "x"?`, or an empty string; made to be appended to a message. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` Did you mean ${quote(near)}?`;
}

/** Ends a message whose last words may be a {@link suggestion}, which is a question. */
export const asSentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Throws `OPTION_UNKNOWN` for the first key of `options` that is not among `known`. */
export function assertKnownOptions(what: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new AuditError(
      "OPTION_UNKNOWN",
      `${what} has no option ${quote(key)}.${suggestion(key, known)} It knows ${known.join(", ")}.`,
      { details: { option: key } },
    );
  }
}

/** Edit distance in which two swapped neighbours count as one edit (Damerau, restricted: optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, beforeLast[column - 2]! + 1);
      }
      current.push(best);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}
