/** Reads what pino writes: one JSON object a line, https://github.com/pinojs/pino/blob/main/docs/api.md. */

import type { ErrorInfo, Severity } from "../../event/event.ts";

export const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type LevelName = keyof typeof levels;

export interface LogLine {
  readonly logger: string;
  /** Pino's number for it. */
  readonly level: number;
  readonly levelName: string;
  readonly message: string | undefined;
  readonly error: ErrorInfo | undefined;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** How a logger calls what it writes, where that was changed. */
export interface LineKeys {
  readonly messageKey: string;
  readonly errorKey: string;
}

/** The logger of lines that name none. */
export const nameless = "application";

const start = /^\{"level":(\d+),/;

/** The level of a line without reading all of it; `undefined` where the logger writes levels in another way. */
export function quickLevel(line: string): number | undefined {
  const match = start.exec(line);
  return match === null ? undefined : Number(match[1]);
}

/** `undefined` for what is no line of pino's. */
export function readLine(line: string, { messageKey, errorKey }: LineKeys): LogLine | undefined {
  const parsed = parseObject(line);
  if (parsed === undefined) return undefined;
  // Of a process, the event's producer tells; of the time, the event's own.
  const {
    level,
    time: _time,
    pid: _pid,
    hostname: _host,
    name,
    v: _v,
    [messageKey]: message,
    [errorKey]: error,
    ...rest
  } = parsed;
  const number = levelNumber(level);
  return {
    logger: typeof name === "string" && name !== "" ? name : nameless,
    level: number,
    levelName: typeof level === "string" ? level : nameOf(number),
    message: typeof message === "string" ? message : undefined,
    error: readError(error),
    fields: Object.keys(rest).length === 0 ? undefined : rest,
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function levelNumber(level: unknown): number {
  if (typeof level === "number") return level;
  return levels[String(level).toLowerCase() as LevelName] ?? levels.info;
}

/** Of a level of the application's own, the known one below it. */
function nameOf(level: number): string {
  const below = Object.entries(levels).findLast(([, number]) => number <= level);
  return below?.[0] ?? "trace";
}

export function severityOf(level: number): Severity {
  if (level >= levels.fatal) return "critical";
  if (level >= levels.error) return "error";
  return level >= levels.warn ? "warning" : "info";
}

/** What pino's serializer of errors made; its stack has those of its causes. */
function readError(error: unknown): ErrorInfo | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { type, name, message, stack, code } = error as Readonly<Record<string, unknown>>;
  const errorName = [type, name].find((each) => typeof each === "string");
  return {
    name: errorName ?? "Error",
    message: typeof message === "string" ? message : "",
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
  };
}
