/**
 * What the captures of HTTP frameworks share: one operation for each request, from its headers to the end of its
 * answer. A framework's own capture says how to get at the parts, and calls {@link RequestCapture.begin} before anything else.
 *
 * Nothing here throws into the application after it was made, and no answer waits: the event is recorded when the answer is out,
 * and the trail's `health()` counts what could not be.
 */

import { asSentence, isAuditError } from "../base/errors.ts";
import { createIdSource, type IdSource } from "../base/ids.ts";
import { systemClock } from "../base/time.ts";
import { createFindAddress, type FindAddress } from "../context/client-address.ts";
import { currentContext, runWithContext } from "../context/context.ts";
import { checkPayload } from "../event/check-payload.ts";
import type { Actor, Collapse, Outcome, Where } from "../event/event.ts";
import type { InventoryItem } from "../event/inventory.ts";
import type { OpenOperation } from "../trail/types.ts";
import { createCollapseReads, type CollapseReads } from "./collapse-reads.ts";
import { guarded } from "./guarded.ts";
import { createRecordPolicy, isRead, type RecordPolicy } from "./record-policy.ts";
import { assertRequestOptions, type RequestFields, type RequestOptions, type RequestTrail } from "./request-options.ts";
import {
  continueTrace,
  formatTraceparent,
  parseTraceparent,
  readRequestId,
  readTracestate,
  type Trace,
} from "./trace-context.ts";

/** A request as its handlers see it. */
export interface AuditedRequest {
  /** The id of its event, which is also the operation id of what is recorded during it. */
  readonly operationId: string;
  /** What `x-request-id` of the answer says: the client's, where it is safe, or the operation id. */
  readonly requestId: string;
  /** The client's address, as far as trusted proxies say it. */
  readonly address: string;
  readonly traceId: string;
  /** For calls to other services on behalf of this request: `x-request-id`, `traceparent`, `tracestate`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Adds to the request's event, or replaces what was said before. */
  set(fields: RequestFields): void;
  /** Records this request although it only reads. */
  recordRead(fields?: RequestFields): void;
}

/** How a request is looked at. */
export interface RequestParts<Request> {
  readonly request: Request;
  readonly method: string;
  /** Who is connected. */
  readonly peer: string | undefined;
  header(name: string): string | undefined;
  /** The pattern of its route, as soon as it is known. */
  route(): string | undefined;
}

/** How a request ended. */
export interface RequestEnd {
  /** Absent where no answer was begun. */
  readonly status?: number | undefined;
  /** The client left before the answer was complete. */
  readonly aborted?: boolean;
  /** What a handler threw, in a member so that `undefined` can be thrown too. */
  readonly thrown?: { readonly error: unknown } | undefined;
}

export interface RunningRequest extends AuditedRequest {
  /** Names and values of headers that the answer has to have. */
  readonly answerHeaders: readonly (readonly [name: string, value: string])[];
  /** Runs `fn`, and all it starts, in the request's context. */
  run<Result>(fn: () => Result): Result;
  /** Records the request. Only the first call counts. */
  end(ended: RequestEnd): void;
}

/** A route as its framework lists it. */
export interface ListedRoute {
  /** In capitals; `*` for any. */
  readonly method: string;
  /** The pattern. */
  readonly route: string;
  /** Whether its requests pass the capture first. */
  readonly captured: boolean;
}

export interface RequestCapture<Request> {
  /** Routes as coverage asks for them, each once. */
  inventory(listedBy: string, routes: readonly ListedRoute[]): readonly InventoryItem[];
  begin(parts: RequestParts<Request>): RunningRequest;
  /** Records the repeated reads that were counted and not told yet. Call it before the trail is closed. */
  close(): Promise<void>;
}

interface Surroundings<Request> {
  readonly trail: RequestTrail;
  readonly options: RequestOptions<Request>;
  readonly policy: RecordPolicy;
  readonly ids: IdSource;
  readonly findAddress: FindAddress;
  readonly reads: CollapseReads;
  /** Recordings that are under way. */
  readonly pending: Set<Promise<void>>;
  /** How often requests of a route were to be recorded, by method and pattern. */
  readonly runs: Map<string, number>;
}

const defaultCollapseMs = 60_000;
const longestUserAgent = 512;

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ACTION_UNKNOWN` where the catalogue lacks `requestLog()`. */
export function createRequestCapture<Request>(
  trail: RequestTrail,
  options: RequestOptions<Request>,
): RequestCapture<Request> {
  assertRequestOptions(options);
  for (const action of ["http.requested", "http.read"]) trail.begin(action as never);
  const { collapseReadsMs = defaultCollapseMs, clock = systemClock, trustedProxies = [] } = options;
  const surroundings = {
    ...{ trail, options, policy: createRecordPolicy(options), findAddress: createFindAddress(trustedProxies) },
    ...{ ids: createIdSource(clock), reads: createCollapseReads(collapseReadsMs, clock) },
    ...{ pending: new Set<Promise<void>>(), runs: new Map<string, number>() },
  };
  return {
    inventory: (listedBy, routes) => listItems(listedBy, routes, surroundings),
    begin: (parts) => beginRequest(parts, surroundings),
    async close() {
      surroundings.reads.flush();
      await Promise.all(surroundings.pending);
    },
  };
}

function listItems(
  listedBy: string,
  routes: readonly ListedRoute[],
  { policy, runs }: Pick<Surroundings<never>, "policy" | "runs">,
): readonly InventoryItem[] {
  const items = new Map<string, InventoryItem>();
  for (const { method, route, captured } of routes) {
    const name = `${method} ${route}`;
    // Several handlers may stand behind one route; the first of them is reached first.
    if (items.has(name)) continue;
    const { reason } = policy(method, route);
    const about = reason === undefined ? { runs: runs.get(name) ?? 0 } : { excluded: reason };
    items.set(name, { kind: "route", name, listedBy, captured, ...about });
  }
  return [...items.values()];
}

function beginRequest<Request>(parts: RequestParts<Request>, surroundings: Surroundings<Request>): RunningRequest {
  const { trail, options, policy, ids, findAddress } = surroundings;
  const { method, request } = parts;
  const trace = findTrace(parts, options);
  const id = ids();
  const requestId = readRequestId(parts.header("x-request-id")) ?? id;
  const address = findAddress(parts.peer, parts.header("x-forwarded-for"));
  const findActor = actorFinder(request, options.actor);
  const outerActor = guarded(() => currentContext().actor);
  const context = {
    ...(options.actor && { actor: findActor }),
    ...(options.tenant && { tenant: () => guarded(() => options.tenant?.(request)) }),
    context: whereOf(parts, { address, requestId, trace }),
  };
  const operation = runWithContext(context, () =>
    trail.begin((isRead(method) ? "http.read" : "http.requested") as never, { id } as never),
  );
  const { operationId } = operation;
  let said: Sayings = {};
  let ended = false;
  return {
    ...{ operationId, requestId, address, traceId: trace.traceId },
    ...headersOf(requestId, trace, parts),
    set: (fields) => (said = addTo(said, fields)),
    recordRead: (fields = {}) => (said = addTo(said, { ...fields, wanted: true })),
    run(fn) {
      // A read may turn out not to be recorded, or be counted with others: nothing names it as its cause.
      const isSure = !isRead(method) && policy(method, parts.route()).recorded === "always";
      return runWithContext({ ...context, operationId, ...(isSure && { causationId: id }) }, fn);
    },
    end(how) {
      if (ended) return;
      ended = true;
      const actor = options.actor === undefined ? outerActor : findActor();
      const tenant = guarded(() => options.tenant?.(request));
      endRequest(how, { parts, operation, said, from: [actor?.type, actor?.id, tenant, address], surroundings });
    },
  };
}

type Sayings = RequestFields & { readonly wanted?: boolean };

/** What is said later replaces what was said before; of `data`, member by member. */
function addTo(said: Sayings, more: Sayings): Sayings {
  const data = said.data === undefined || more.data === undefined ? {} : { data: { ...said.data, ...more.data } };
  return { ...said, ...more, ...data };
}

interface Ending<Request> {
  readonly parts: RequestParts<Request>;
  readonly operation: OpenOperation;
  readonly said: Sayings;
  /** Who, in whose trail, from where: what is not the same for two reads keeps them apart. */
  readonly from: readonly unknown[];
  readonly surroundings: Surroundings<Request>;
}

function endRequest<Request>(how: RequestEnd, { parts, operation, said, from, surroundings }: Ending<Request>): void {
  const { wanted = false, ...more } = said;
  const { options, policy, reads, pending, runs } = surroundings;
  const { method } = parts;
  const route = guarded(() => parts.route());
  const outcome = outcomeOf(how);
  const { recorded } = policy(method, route);
  if (recorded === "never" || (recorded === "failures" && outcome === "success" && !wanted)) return;
  countRun(runs, method, route);
  const observed = {
    method,
    ...(how.status !== undefined && { status: how.status }),
    ...(how.aborted && { aborted: true }),
  };
  const { data, ...refusal } = dataOf(surroundings.trail, observed, {
    ...guarded(() => options.data?.(parts.request)),
    ...(more.data as object | undefined),
  });
  const fields = {
    ...{ ...more, ...refusal, outcome, data },
    ...(how.thrown && { error: how.thrown.error }),
    ...(route !== undefined && { context: { route } }),
  };
  const record = (collapsed?: Collapse): void => {
    const recording = operation.end(collapsed === undefined ? fields : { ...fields, collapsed });
    pending.add(recording);
    void recording.then(() => pending.delete(recording));
  };
  // What cannot be compared is like nothing else.
  const likeness = guarded(() => JSON.stringify([from, route, more, data]));
  if (!isRead(method) || likeness === undefined) return record();
  reads.add(likeness, record);
}

interface Refusal {
  readonly problems?: readonly string[];
}

/**
 * What was seen of a request with what the application says of it. A request happened, whatever is said of it: what the catalogue
 * refuses does not take the event with it.
 */
function dataOf(
  { catalogue }: RequestTrail,
  observed: object,
  said: object,
): Pick<RequestFields, "data" | "message" | "severity"> {
  if (Object.keys(said).length === 0) return { data: observed };
  const data = { ...observed, ...said };
  try {
    checkPayload(catalogue.find("http.requested"), { data });
    return { data };
  } catch (error) {
    const { problems = ["it threw while it was read"] } = (isAuditError(error) ? error.details : {}) as Refusal;
    const message = asSentence(`What the application said of this request was left out: ${problems.join("; ")}`);
    return { data: observed, severity: "warning", message };
  }
}

/** What no route answers is no run of any; counting its paths would let strangers fill the memory. */
function countRun(runs: Map<string, number>, method: string, route: string | undefined): void {
  if (route !== undefined) runs.set(`${method} ${route}`, (runs.get(`${method} ${route}`) ?? 0) + 1);
}

function outcomeOf({ status, aborted, thrown }: RequestEnd): Outcome {
  if (status === 401 || status === 403) return "denied";
  if (status !== undefined && status >= 400) return "failure";
  if (thrown !== undefined) return "failure";
  // What the server did is done; whether the client knows is not known.
  return aborted || status === undefined ? "unknown" : "success";
}

const anonymous: Actor = { type: "anonymous" };

/** Who acts; after a log-out, who acted before it. Where the application's function throws, nobody knows. */
function actorFinder<Request>(request: Request, find: RequestOptions<Request>["actor"]): () => Actor | undefined {
  let last: Actor | undefined;
  return () => {
    if (find === undefined) return undefined;
    try {
      last = find(request) ?? last;
      return last ?? anonymous;
    } catch {
      return last;
    }
  };
}

function findTrace<Request>({ header, request }: RequestParts<Request>, { trace }: RequestOptions<Request>): Trace {
  const active = trace && guarded(() => trace(request));
  const parent = parseTraceparent(header("traceparent"));
  return active === undefined ? continueTrace(parent) : { flags: parent?.flags ?? "00", ...active };
}

interface Identity {
  readonly address: string;
  readonly requestId: string;
  readonly trace: Trace;
}

function whereOf<Request>({ header, route }: RequestParts<Request>, { address, requestId, trace }: Identity): Where {
  const userAgent = header("user-agent")?.slice(0, longestUserAgent);
  return {
    ...{ source: "http", ip: address, requestId, traceId: trace.traceId, spanId: trace.spanId },
    ...(userAgent && { userAgent }),
    // Some frameworks know it only when a handler runs, so it is read where something is recorded.
    get route() {
      return guarded(route);
    },
  } as Where;
}

function headersOf<Request>(
  requestId: string,
  trace: Trace,
  { header }: RequestParts<Request>,
): Pick<RunningRequest, "headers" | "answerHeaders"> {
  const traceparent = formatTraceparent(trace);
  const tracestate = readTracestate(header("tracestate"));
  return {
    headers: { "x-request-id": requestId, traceparent, ...(tracestate && { tracestate }) },
    answerHeaders: [
      ["x-request-id", requestId],
      ["traceresponse", traceparent],
    ],
  };
}
