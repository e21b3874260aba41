import type { AssertionError } from "node:assert";

import type { Actions } from "../event/catalogue.ts";
import type { Entry } from "../event/entry.ts";
import type { AuditEvent } from "../event/event.ts";
import type { FieldsOf, Trail } from "../trail/types.ts";
import { loadAssert } from "./assert.ts";
import { describeMiss, describeRecorded } from "./describe-miss.ts";
import { listDifferences } from "./differences.ts";

/** Part of a value: of objects some members, of lists all items, of texts the whole or a regular expression. */
export type PartOf<Value> =
  | (Value extends string ? RegExp : never)
  | (Value extends readonly unknown[]
      ? { readonly [Index in keyof Value]: PartOf<Value[Index]> }
      : Value extends object
        ? { readonly [Name in keyof Value]?: PartOf<Value[Name]> | undefined }
        : Value);

/** What may be expected of an event: any part of it. `target` stands for the first of `targets`. */
export type ExpectedEvent<A extends Actions, Name extends keyof A> = PartOf<
  Omit<AuditEvent, "action" | "data" | "before" | "after"> &
    Pick<FieldsOf<A[Name]>, "data" | "before" | "after" | "target">
>;

/** An action's name, or a name with what is expected of its event. */
export type ExpectedEntry<A extends Actions> = {
  [Name in keyof A & string]: Name | readonly [action: Name, expected: ExpectedEvent<A, Name>];
}[keyof A & string];

/**
 * What a test may say of a trail. All of it looks at the events that are in the trail when it is called, after those
 * on their way have arrived; what does not hold rejects with an `AssertionError` that shows what was recorded.
 */
export interface AuditExpectation<A extends Actions> {
  /** There is an event of this action with all that is expected of it; resolves with the first. */
  toHave<Name extends keyof A & string>(action: Name, expected?: ExpectedEvent<A, Name>): Promise<Entry>;
  /** There is none. */
  toHaveNo<Name extends keyof A & string>(action: Name, expected?: ExpectedEvent<A, Name>): Promise<void>;
  /** These events and no others, in this order; resolves with them. */
  toHaveExactly(expected: readonly ExpectedEntry<A>[]): Promise<readonly Entry[]>;
  /** As many events of this action as said. */
  toHaveCount(action: keyof A & string, count: number): Promise<void>;
  /** No events at all. */
  toBeEmpty(): Promise<void>;
  /** The same, of the events only that `fn` records. An error of `fn` is thrown on. */
  during(fn: () => unknown): AuditExpectation<A>;
}

/** What is asked of a trail: its type without the transactions, which differ from store to store. */
export type ReadableTrail<A extends Actions> = Pick<Trail<A>, "actions" | "entries" | "flush" | "trails">;

export interface ExpectAuditOptions {
  /** Whose trail is looked at; `default` unless said. */
  readonly tenant?: string;
}

/**
 * Says what a test expects of a trail. Works with any test runner and any store.
 *
 * @example
 * await expectAudit(trail).toHave("order.placed", { actor: { id: "42" }, data: { total: "12.50" } });
 * await expectAudit(trail).during(() => shop.cancel(order)).toHaveExactly(["order.cancelled"]);
 */
export function expectAudit<A extends Actions>(
  trail: ReadableTrail<A>,
  { tenant = "default" }: ExpectAuditOptions = {},
): AuditExpectation<A> {
  return expectationOn(async () => readFrom(trail, tenant, 0), {
    trail,
    tenant,
  });
}

interface Watched<A extends Actions> {
  readonly trail: ReadableTrail<A>;
  readonly tenant: string;
}

function expectationOn<A extends Actions>(
  read: () => Promise<readonly Entry[]>,
  watched: Watched<A>,
): AuditExpectation<A> {
  const find = async (action: string, expected: unknown) => {
    const entries = await read();
    return { entries, found: entries.find((entry) => differencesOf(entry, action, expected).length === 0) };
  };
  return {
    async toHave(action, expected = {}) {
      const { entries, found } = await find(action, expected);
      if (found !== undefined) return found;
      throw failure(describeMiss(action, expected, entries));
    },
    async toHaveNo(action, expected = {}) {
      const { entries, found } = await find(action, expected);
      if (found === undefined) return;
      throw failure(`Expected no ${action} like that, but entry ${found.seq} is one.\n\n${describeRecorded(entries)}`);
    },
    async toHaveExactly(expected) {
      const entries = await read();
      const problems = compareAll(expected.map(asPair), entries);
      if (problems.length === 0) return entries;
      throw failure(
        `Expected exactly ${expected.length} events, but ${problems.join("\n")}\n\n${describeRecorded(entries)}`,
      );
    },
    async toHaveCount(action, count) {
      const entries = await read();
      const found = entries.filter(({ event }) => event.action === action).length;
      if (found !== count)
        throw failure(`Expected ${count} × ${action}, found ${found}.\n\n${describeRecorded(entries)}`);
    },
    async toBeEmpty() {
      const entries = await read();
      if (entries.length > 0) throw failure(`Expected no events.\n\n${describeRecorded(entries)}`);
    },
    during: (fn) => expectationOn(recordedDuring(watched, fn), watched),
  };
}

/** Runs `fn` when the first expectation asks, and once only. */
function recordedDuring<A extends Actions>(
  { trail, tenant }: Watched<A>,
  fn: () => unknown,
): () => Promise<readonly Entry[]> {
  let recorded: Promise<readonly Entry[]> | undefined;
  const run = async () => {
    await trail.flush();
    const start = (await trail.trails()).find((head) => head.tenant === tenant)?.size ?? 0;
    await fn();
    return readFrom(trail, tenant, start);
  };
  return () => (recorded ??= run());
}

/** Whole trails are read: in a test they are short. */
async function readFrom<A extends Actions>(
  trail: ReadableTrail<A>,
  tenant: string,
  from: number,
): Promise<readonly Entry[]> {
  await trail.flush();
  const entries: Entry[] = [];
  for await (const entry of trail.entries("", { tenant, order: { by: "seq", direction: "oldest" } })) {
    if (entry.seq >= from) entries.push(entry);
  }
  return entries;
}

type Pair = readonly [action: string, expected: unknown];

function asPair(expected: string | readonly [string, unknown]): Pair {
  return typeof expected === "string" ? [expected, {}] : expected;
}

function compareAll(expected: readonly Pair[], entries: readonly Entry[]): string[] {
  const length = Math.max(expected.length, entries.length);
  return Array.from({ length }, (_, index) => {
    const entry = entries[index];
    const pair = expected[index];
    if (pair === undefined) return [`event ${index + 1}, ${entry!.event.action}, was not expected`];
    if (entry === undefined) return [`event ${index + 1}, ${pair[0]}, is missing`];
    return differencesOf(entry, ...pair).map((difference) => `event ${index + 1}, ${difference}`);
  }).flat();
}

/** How an entry differs from what is expected; empty where it does not. */
export function differencesOf({ event }: Entry, action: string, expected: unknown): string[] {
  if (event.action !== action) return [`action: expected "${action}", found "${event.action}"`];
  return listDifferences(expected, { ...event, target: event.targets?.[0] });
}

function failure(message: string): AssertionError {
  const { AssertionError } = loadAssert();
  return new AssertionError({ message, stackStartFn: failure });
}
