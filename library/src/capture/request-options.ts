import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import type { Action } from "../event/action.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Actor, EventFields } from "../event/event.ts";
import type { CaptureTrail } from "../trail/types.ts";
import type { TraceIds } from "./trace-context.ts";

/** A trail that requests can be recorded into: its catalogue has `requestLog()`. */
export type RequestTrail = CaptureTrail<{ readonly "http.requested": Action; readonly "http.read": Action }> & {
  readonly catalogue: Pick<Catalogue, "find">;
};

/** Requests that are not recorded, on purpose. */
export interface Exclusion {
  /** Such as `OPTIONS`; any unless said. */
  readonly method?: string;
  /** The route's pattern, such as `/health`; any unless said. */
  readonly route?: string;
  /** Why, for those who read the coverage report. */
  readonly reason: string;
}

/** What a handler may say of the request it serves, for the request's event. */
export type RequestFields = Pick<
  EventFields,
  "target" | "targets" | "data" | "reason" | "message" | "subjects" | "correlationId" | "severity"
>;

export interface RequestOptions<Request> {
  /**
   * Who is signed in; asked whenever something is recorded during the request and at its end, so that a sign-in
   * middleware may run after the capture. `undefined` is nobody: the actor is `anonymous`.
   */
  readonly actor?: (request: Request) => Actor | undefined;
  /** Whose trail it belongs to; asked as `actor` is. */
  readonly tenant?: (request: Request) => string | undefined;
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose X-Forwarded-For is believed. None unless said. */
  readonly trustedProxies?: readonly string[];
  /**
   * Which requests that only read (GET, HEAD, OPTIONS, TRACE) are recorded: those that fail or are denied (`failed`,
   * the default), `all`, or besides the failed ones those of these routes, by pattern: `["/participants/:id"]`. A handler can
   * say it too: `requestOf(…).recordRead()`.
   */
  readonly reads?: "failed" | "all" | readonly string[];
  /** For how long like reads of one actor become one event with their number; a minute unless said, 0 for never. */
  readonly collapseReadsMs?: number;
  /** Requests that are not recorded at all, each with its reason. */
  readonly exclude?: readonly Exclusion[];
  /**
   * More about each request, for the members of `data` that `requestLog({ data })` names; asked at its end. What the catalogue refuses
   * is left out, and the event's `message` says so.
   */
  readonly data?: (request: Request) => Readonly<Record<string, unknown>> | undefined;
  /** The ids of the active span where another library traces; W3C `traceparent` unless said. */
  readonly trace?: (request: Request) => TraceIds | undefined;
  readonly clock?: Clock;
}

const optionNames = [
  ...["actor", "tenant", "trustedProxies", "reads", "collapseReadsMs", "exclude", "data", "trace", "clock"],
];

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`. */
export function assertRequestOptions(options: RequestOptions<never>): void {
  assertKnownOptions("auditRequests()", options, optionNames);
  const { reads = "failed", collapseReadsMs = 0, exclude = [] } = options;
  const invalid = (problem: string) => new AuditError("OPTION_INVALID", `Cannot capture requests: ${problem}.`);
  if (!Array.isArray(reads) && reads !== "failed" && reads !== "all")
    throw invalid(`reads is ${quote(reads)}, expected failed, all or a list of routes such as "/orders/:id"`);
  if (!(Number.isFinite(collapseReadsMs) && collapseReadsMs >= 0))
    throw invalid(`collapseReadsMs is ${quote(collapseReadsMs)}, expected milliseconds from 0`);
  for (const each of exclude) {
    assertKnownOptions("auditRequests() exclude", each, ["method", "route", "reason"]);
    if (each.method === undefined && each.route === undefined)
      throw invalid("an exclusion names neither method nor route; to record nothing, leave the capture out");
    if (typeof each.reason !== "string" || each.reason.trim() === "")
      throw invalid(
        `the exclusion of ${quote(each.route ?? each.method)} has no reason. Say why it need not be recorded`,
      );
  }
}
