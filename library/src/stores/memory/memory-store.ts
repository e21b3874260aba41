import { AuditError, assertKnownOptions, quote } from "../../base/errors.ts";
import { equalBytes } from "../../base/bytes.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import type { CatalogueDescription } from "../../event/describe.ts";
import { openEntry, type Entry, type StoredEntry } from "../../event/entry.ts";
import { emptyRange, extendRange } from "../../integrity/compact-range.ts";
import { leafHash } from "../../integrity/leaf.ts";
import { createLeafHashReader } from "../../integrity/merkle-tree.ts";
import { encodeTile, tileHeight, tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import { countEntries } from "../../query/count-entries.ts";
import { decodeCursor, encodeCursor } from "../../query/cursor.ts";
import { matches } from "../../query/matches.ts";
import { compareEntries, comparePlaces, placeOf } from "../../query/order.ts";
import type { CountRequest, PageRequest } from "../../query/request.ts";
import { trailOrigin, type Appended, type AppendOptions, type PreparedEntry, type Store, type StoredCheckpoint } from "../../trail/contracts.ts";

export interface MemoryStoreOptions {
  readonly origin?: string;
  readonly clock?: Clock;
}

/** A transaction of a {@link MemoryStore}: what is recorded in it is kept when its function returns, or not at all. */
export interface MemoryTransaction {
  readonly store: "memory";
}

export interface MemoryStore extends Store<MemoryTransaction> {
  /** Runs `fn` in a transaction; everything recorded in it is dropped when it throws. */
  transaction<Result>(fn: (transaction: MemoryTransaction) => Result | Promise<Result>): Promise<Result>;
}

/** One trail. Its entries are only ever pushed, or cut back to where a transaction began. */
interface MemoryTrail {
  readonly entries: StoredEntry[];
  readonly positions: Map<string, number>;
}

/**
 * A store in memory, for tests: nothing of it outlives the process, and `durable` means nothing here. It is the
 * strictest store: it checks what it is given where others rely on the engine.
 *
 * @example
 * const trail = await openTrail({ catalogue, store: openMemoryStore() });
 */
export function openMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  assertKnownOptions("openMemoryStore()", options, ["origin", "clock"]);
  const { origin = "memory.local/trail", clock = systemClock } = options;
  const trails = new Map<string, MemoryTrail>();
  const settled = new Map<string, number>();
  const checkpoints: (StoredCheckpoint & { readonly tenant: string })[] = [];
  let catalogue: CatalogueDescription | undefined;
  let closed = false;
  let open: MemoryTransaction | undefined;
  /** One writer at a time, as in SQLite: appends wait for the transaction that is open. */
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const assertOpen = (): void => {
    if (closed) throw new AuditError("STORE_CLOSED", "Cannot use the store: it was closed. Record and ask before closing it.");
  };
  const trailOf = (tenant: string): MemoryTrail => trails.get(tenant) ?? { entries: [], positions: new Map() };
  const write = (entries: readonly PreparedEntry[]): Appended[] =>
    allOrNothing(trails, () => entries.map((entry) => appendOne(entry, trails, origin, clock)));
  const selected = (request: Pick<PageRequest, "tenant" | "query">): Entry[] => {
    assertOpen();
    return trailOf(request.tenant).entries.map(openEntry).filter((entry) => matches(request.query, entry));
  };

  return {
    kind: "memory",
    origin,
    append: (entries, appendOptions) =>
      inTurn(() => {
        assertOpen();
        const appended = write(entries);
        settle(settled, appendOptions);
        return appended;
      }),
    appendIn(transaction, entries) {
      assertOpen();
      if (transaction !== open) {
        throw new AuditError("TRANSACTION_INVALID", "Cannot record in this transaction: it is not the one that is open on this store. Pass what transaction() gave to your function, before it ends.");
      }
      return write(entries);
    },
    transaction: (fn) =>
      inTurn(async () => {
        assertOpen();
        const transaction: MemoryTransaction = { store: "memory" };
        open = transaction;
        try {
          return await allOrNothing(trails, () => fn(transaction));
        } finally {
          open = undefined;
        }
      }),
    async page(request) {
      const after = decodeCursor(request);
      const compare = comparePlaces(request.order);
      const rest = selected(request)
        .sort(compareEntries(request.order))
        .filter((entry) => after === undefined || compare(placeOf(entry), after) > 0);
      const shown = rest.slice(0, request.limit);
      const entries = shown.map(({ seq }) => trailOf(request.tenant).entries[seq]!);
      if (rest.length <= request.limit) return { entries };
      return { entries, next: encodeCursor(request, placeOf(shown.at(-1)!)) };
    },
    async count(request: CountRequest) {
      return countEntries(selected(request), request);
    },
    async read(tenant, from, to) {
      assertOpen();
      return trailOf(tenant).entries.slice(from, to);
    },
    async readById(tenant, id) {
      assertOpen();
      const { entries, positions } = trailOf(tenant);
      const seq = positions.get(id);
      return seq === undefined ? undefined : entries[seq];
    },
    async listTrails() {
      assertOpen();
      return [...trails]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([tenant, { entries }]) => ({
          ...{ tenant, origin: trailOrigin(origin, tenant), size: entries.length },
          recordedAtMicros: entries.at(-1)?.recordedAtMicros ?? 0,
        }));
    },
    async readTree(tenant) {
      assertOpen();
      return extendRange(emptyRange, leavesOf(trailOf(tenant)));
    },
    async readTile(tenant, level, number) {
      assertOpen();
      const leaves = leavesOf(trailOf(tenant));
      const width = tileWidthAt(level, number, leaves.length);
      const readHash = createLeafHashReader(leaves);
      const hashes = Array.from({ length: width }, (_, index) => readHash(level * tileHeight, number * tileWidth + index));
      return width === 0 ? undefined : encodeTile(hashes);
    },
    async putCheckpoint(tenant, checkpoint) {
      assertOpen();
      checkpoints.push({ ...checkpoint, tenant, number: checkpoints.length + 1 });
    },
    async listCheckpoints(tenant, after, limit) {
      assertOpen();
      return checkpoints
        .filter((each) => each.tenant === tenant && each.number > after)
        .slice(0, limit)
        .map(({ tenant: _, ...checkpoint }) => checkpoint);
    },
    readSettled: async (producer) => settled.get(producer) ?? 0,
    async putCatalogue(description) {
      assertOpen();
      catalogue = structuredClone(description);
    },
    readCatalogue: async () => catalogue,
    close: () =>
      inTurn(() => {
        closed = true;
      }),
  };
}

function leavesOf({ entries }: MemoryTrail): Uint8Array[] {
  return entries.map(({ hash }) => hash);
}

function settle(settled: Map<string, number>, options: AppendOptions | undefined): void {
  if (options?.settles === undefined) return;
  const { producer, total } = options.settles;
  settled.set(producer, Math.max(total, settled.get(producer) ?? 0));
}

function appendOne(entry: PreparedEntry, trails: Map<string, MemoryTrail>, origin: string, clock: Clock): Appended {
  assertWellPrepared(entry, origin);
  const trail: MemoryTrail = trails.get(entry.tenant) ?? { entries: [], positions: new Map() };
  trails.set(entry.tenant, trail);
  const known = trail.positions.get(entry.id);
  if (known !== undefined) {
    const existing = trail.entries[known]!;
    return { seq: known, recordedAtMicros: existing.recordedAtMicros, existing };
  }
  const seq = trail.entries.length;
  // The clock may step back; the order of a trail must not.
  const recordedAtMicros = Math.max(clock.nowMicros(), trail.entries.at(-1)?.recordedAtMicros ?? 0);
  const { hash, text, sealed } = entry;
  trail.entries.push(Object.freeze({ seq, recordedAtMicros, hash, text, sealed }));
  trail.positions.set(entry.id, seq);
  return { seq, recordedAtMicros };
}

/** What every store may rely on; this one checks it, so that a mistake of the engine fails a test. */
function assertWellPrepared(entry: PreparedEntry, origin: string): void {
  const { event } = openEntry({ seq: 0, recordedAtMicros: 0, ...entry });
  const { origin: named, id, tenant } = event;
  const right = named === trailOrigin(origin, entry.tenant) && id === entry.id && tenant === entry.tenant;
  if (right && equalBytes(leafHash(entry.text), entry.hash)) return;
  throw new AuditError("STORE_CORRUPT", `Cannot append event ${quote(entry.id)}: its bytes do not say what is handed over with them. This is a bug in auditrail.`);
}

/** Runs `work`; when it fails, every trail is cut back to where it was. */
function allOrNothing<Result>(trails: Map<string, MemoryTrail>, work: () => Result): Result {
  const sizes = new Map([...trails].map(([tenant, { entries }]) => [tenant, entries.length]));
  const cutBack = (error: unknown): never => {
    for (const [tenant, trail] of trails) {
      const size = sizes.get(tenant);
      if (size === undefined) trails.delete(tenant);
      else trail.entries.splice(size);
      for (const [id, seq] of trail.positions) if (seq >= (size ?? 0)) trail.positions.delete(id);
    }
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(cutBack) as Result) : result;
  } catch (error) {
    return cutBack(error);
  }
}
