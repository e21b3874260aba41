/** The types of a trail: what a catalogue lets you record, and what comes back. */

import type { z } from "zod";

import type { RecordContext } from "../context/context.ts";
import type { Action } from "../event/action.ts";
import type { Actions, Catalogue } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import type { EventFields } from "../event/event.ts";
import type { BucketUnit, CountRow, Order } from "../query/request.ts";
import type { NotedError, Placing, TrailHead } from "./contracts.ts";

type DataOf<A extends Action> = [A["data"]] extends [z.ZodType]
  ? { readonly data: z.input<A["data"]> }
  : [A["data"]] extends [undefined]
    ? { readonly data?: never }
    : { readonly data?: unknown };

type StateOf<A extends Action> = [A["state"]] extends [z.ZodType]
  ? { readonly before?: z.input<A["state"]>; readonly after?: z.input<A["state"]> }
  : { readonly before?: unknown; readonly after?: unknown };

type ReasonOf<A extends Action> = [A["reason"]] extends ["required"]
  ? { readonly reason: string }
  : { readonly reason?: string };

/** What may be said of an event of this action: its own data, state and reason, and the fields every event has. */
export type FieldsOf<A extends Action> = Merged<
  Omit<EventFields, "data" | "before" | "after" | "reason"> & DataOf<A> & StateOf<A> & ReasonOf<A>
>;

/** One object type of an intersection: in those the compiler lets members pass that no part of it has. */
type Merged<Type> = { readonly [Name in keyof Type]: Type[Name] };

/** The fields may be left out where none is required. */
type FieldsArgument<A extends Action> = object extends FieldsOf<A> ? [fields?: FieldsOf<A>] : [fields: FieldsOf<A>];

/** The actions that may be recorded outside a transaction: all but the atomic ones. */
export type FreeActionName<A extends Actions> = {
  [Name in keyof A]: [A[Name]["guarantee"]] extends ["atomic"] ? never : Name;
}[keyof A] &
  string;

/**
 * What recording gives back. `seq` and `recordedAt` are null while the event has no position yet: it is buffered, or
 * in the spool because the store failed. `hash` is the leaf hash in hexadecimal.
 */
export interface Receipt {
  readonly id: string;
  readonly hash: string;
  readonly seq: number | null;
  readonly recordedAt: string | null;
}

/** Records inside the caller's transaction: the events are kept if and when it commits. */
export interface TransactionRecorder<A extends Actions> {
  /** Errors: those of {@link Trail.record}, and `TRANSACTION_INVALID`. */
  record<Name extends keyof A & string>(action: Name, ...fields: FieldsArgument<A[Name]>): Promise<Receipt>;
  /** The same for transactions that are synchronous functions, whose errors must be thrown at once. */
  recordSync<Name extends keyof A & string>(action: Name, ...fields: FieldsArgument<A[Name]>): Receipt;
}

/** One run of something, while it runs; see {@link Trail.track}. */
export interface Operation {
  /** The id of the event that will be recorded; also the `causationId` of what is recorded inside. */
  readonly id: string;
  readonly operationId: string;
  /** Adds to the event, or replaces what was said before. */
  set(fields: Omit<EventFields, "id" | "operationId" | "durationMs">): void;
  /** The state after the change. */
  after(state: unknown): void;
}

/** An operation that ends elsewhere than where it began, as requests do; see {@link Trail.begin}. */
export interface OpenOperation extends Operation {
  /** Runs `fn` as a part of it: what is recorded inside shares its `operationId` and names it as its cause. */
  run<Result>(fn: () => Result): Result;
  /**
   * Records it, with what was said of it and `fields`, in the context in which it began. Never rejects: whoever ends an
   * operation like this has nobody to tell. `health()` counts what could not be recorded. Call it once, or never for
   * what turned out not to be worth recording.
   *
   * `as` is the action to record, where that shows at the end only.
   */
  end(fields?: Omit<EventFields, "id" | "operationId">, as?: string): Promise<void>;
  /**
   * As {@link end}, for a capture whose fields, here and in `begin()`, nobody changes any more. Where the action is
   * `buffered`, nobody called `set()` or `after()`, and no context was in force, the event is checked, redacted and hashed
   * some milliseconds later, together with others, which takes a third of the time.
   */
  handOver(fields?: Omit<EventFields, "id" | "operationId">): void;
}

/**
 * What captures need of a trail: any trail whose catalogue has the actions `Needed`. Captures find out when they are
 * made, not when they record, that an action is missing.
 */
export interface CaptureTrail<Needed extends Actions> {
  readonly actions?: Needed;
  begin(action: never, fields?: never): OpenOperation;
  record(action: never, fields: never): Promise<Receipt>;
}

export interface AskOptions {
  /** Whose trail; the tenant of the context in force, or `default`. */
  readonly tenant?: string;
  /** The zone of times without one, and of buckets: an IANA name. UTC by default. */
  readonly zone?: string;
}

export interface QueryOptions extends AskOptions {
  /** Newest first, by the time it happened, unless said otherwise. */
  readonly order?: Partial<Order>;
  /** 1 to 1,000; 50 by default. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** Gives the next page; absent after the last one. */
  readonly next?: string;
}

export interface CountOptions extends AskOptions {
  /** Fields to group by. */
  readonly by?: readonly string[];
  /** Groups by time as well, first. */
  readonly bucket?: BucketUnit;
}

export interface FollowOptions extends AskOptions {
  /** The position to start at; the end of the trail by default. */
  readonly from?: number;
  readonly signal?: AbortSignal;
}

/** How recording is doing. Counts are since the trail was opened by this process. */
export interface Health {
  /** `degraded`: events are in the spool, or get no positions, or a loss is not told yet. */
  readonly state: "ok" | "degraded" | "closed";
  /** Events accepted and not yet on disk. */
  readonly waiting: number;
  /** Events on disk in the spool, to be moved into the store. */
  readonly spooled: number;
  readonly spoolBytes: number;
  readonly recorded: number;
  /** Events that were refused to their caller because neither store nor spool took them. */
  readonly refused: number;
  /** Events that were accepted and could not be kept; they are also told by an `auditrail.gap` entry when the store is back. */
  readonly lost: number;
  /** Events recorded without an actor. */
  readonly unknownActors: number;
  /** Where the store gives positions after the commit: what waits for one, and whether that work fails. */
  readonly placing?: Omit<Placing, "lastError">;
  readonly lastError?: NotedError;
}

/** An open trail: record into it, ask it, close it. */
export interface Trail<A extends Actions = Actions, Tx = never> extends AsyncDisposable {
  /** Present in types only: what `record()` accepts. */
  readonly actions?: A;

  /** What it was opened with: captures look up there what they may record. */
  readonly catalogue: Catalogue<A>;

  /**
   * Records one event. What its promise means is the action's guarantee: for `durable`, resolved is on disk.
   *
   * Errors: `ACTION_UNKNOWN`, `EVENT_INVALID`, `EVENT_TOO_LARGE`, `ACTOR_MISSING` (strict trails), `ID_CONFLICT`,
   * `TRANSACTION_REQUIRED` (atomic actions), `TRAIL_CLOSED`, `TRAIL_OVERLOADED`, `SPOOL_FULL`, `SPOOL_FAILED`.
   */
  record<Name extends FreeActionName<A>>(action: Name, ...fields: FieldsArgument<A[Name]>): Promise<Receipt>;

  /** Records inside a transaction of yours, on the same database. */
  in(transaction: Tx): TransactionRecorder<A>;

  /** Runs `fn` with this context added to the one in force. */
  with<Result>(context: RecordContext, fn: () => Result): Result;

  /**
   * Runs `fn` as one operation and records it when it ends: outcome, duration, and its error, which is thrown on.
   * Events recorded inside share its `operationId` and name it as their cause.
   */
  track<Name extends FreeActionName<A>, Result>(
    action: Name,
    fields: Partial<FieldsOf<A[Name]>>,
    fn: (operation: Operation) => Result | Promise<Result>,
  ): Promise<Result>;

  /**
   * Begins an operation that {@link OpenOperation.end} will record. For code that cannot be a function which
   * {@link Trail.track} runs: a request ends when its answer has gone out. Errors: `ACTION_UNKNOWN`,
   * `TRANSACTION_REQUIRED`.
   */
  begin<Name extends FreeActionName<A>>(action: Name, fields?: Partial<FieldsOf<A[Name]>>): OpenOperation;

  /** One page of the entries that match a query; see docs/reference/query.md. Errors: `QUERY_INVALID`, `CURSOR_INVALID`. */
  query(text: string, options?: QueryOptions): Promise<Page>;

  /** Every entry that matches, page by page. */
  entries(text: string, options?: Omit<QueryOptions, "cursor">): AsyncIterable<Entry>;

  /** How many entries match, by groups. Errors: `QUERY_INVALID`. */
  count(text: string, options?: CountOptions): Promise<readonly CountRow[]>;

  /** The entry at a position, or with an id. Errors: `ENTRY_NOT_FOUND`. */
  read(position: number | string, options?: AskOptions): Promise<Entry>;

  /** Entries as they arrive, from any process, in the order of their positions, until the signal aborts. */
  follow(text: string, options?: FollowOptions): AsyncIterable<Entry>;

  /** The trails of this store: one for each tenant that has recorded something. */
  trails(): Promise<readonly TrailHead[]>;

  health(): Health;

  /** Resolves when everything accepted so far is in the store or the spool. */
  flush(): Promise<void>;

  /** Takes no more events, flushes, and closes the store. Closing twice is nothing. */
  close(): Promise<void>;
}
