import { AuditError, assertKnownOptions } from "../../base/errors.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import type { CatalogueDescription } from "../../event/describe.ts";
import { openEntry, type Entry, type StoredEntry } from "../../event/entry.ts";
import { emptyRange, extendRange } from "../../integrity/compact-range.ts";
import { createLeafHashReader } from "../../integrity/merkle-tree.ts";
import { encodeTile, tileHeight, tileWidth, tileWidthAt } from "../../integrity/tile.ts";
import { countEntries } from "../../query/count-entries.ts";
import { decodeCursor, encodeCursor } from "../../query/cursor.ts";
import { matches } from "../../query/matches.ts";
import { compareEntries, comparePlaces, placeOf } from "../../query/order.ts";
import type { CountRequest, PageRequest } from "../../query/request.ts";
import {
  type StoredPage,
  trailOrigin,
  type AppendOptions,
  type Store,
  type StoredCheckpoint,
} from "../../trail/contracts.ts";
import { createErasing, createErasures } from "./erasing.ts";
import { putDown, writeBatch, type Layer, type LayerTrail } from "./layers.ts";

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

/** How long an append waits for the transaction that is open, in milliseconds: as SQLite's, only shorter. */
const lockTimeoutMs = 1_000;

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
  const trails: Layer = new Map();
  const settled = new Map<string, number>();
  const checkpoints: KeptCheckpoint[] = [];
  const erasures = createErasures();
  let closed = false;
  let open: { readonly handle: MemoryTransaction; readonly added: Layer } | undefined;
  /** One writer at a time, as in SQLite: appends wait for the transaction that is open. */
  const inTurn = createTurns(lockTimeoutMs);
  const assertOpen = (): void => {
    if (closed)
      throw new AuditError("STORE_CLOSED", "Cannot use the store: it was closed. Record and ask before closing it.");
  };
  const trailOf = (tenant: string): LayerTrail => trails.get(tenant) ?? { entries: [], positions: new Map() };
  const presentOf = (tenant: string): readonly StoredEntry[] =>
    trailOf(tenant).entries.slice(erasures.of(tenant).first);
  const selected = (request: Pick<PageRequest, "tenant" | "query">): Entry[] => {
    assertOpen();
    return presentOf(request.tenant)
      .map(openEntry)
      .filter((entry) => matches(request.query, entry));
  };

  return {
    kind: "memory",
    origin,
    append: (entries, appendOptions) =>
      inTurn(() => {
        assertOpen();
        const appended = writeBatch(entries, [trails], { origin, clock });
        settle(settled, appendOptions);
        return appended;
      }),
    appendIn(transaction, entries) {
      assertOpen();
      if (open === undefined || transaction !== open.handle) {
        throw new AuditError(
          "TRANSACTION_INVALID",
          "Cannot record in this transaction: it is not the one that is open on this store. Pass what transaction() gave to your function, before it ends.",
        );
      }
      return writeBatch(entries, [trails, open.added], { origin, clock });
    },
    transaction: (fn) =>
      inTurn(async () => {
        assertOpen();
        const begun = { handle: { store: "memory" } as const, added: new Map() };
        open = begun;
        try {
          const result = await fn(begun.handle);
          putDown(begun.added, trails);
          return result;
        } finally {
          open = undefined;
        }
      }),
    page: async (request) => pageOf(request, selected(request), trailOf(request.tenant)),
    async count(request: CountRequest) {
      return countEntries(selected(request), request);
    },
    async read(tenant, from, to) {
      assertOpen();
      return trailOf(tenant).entries.slice(Math.max(erasures.of(tenant).first, from), Math.max(0, to));
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
          ...{ tenant, origin: trailOrigin(origin, tenant), size: entries.length, first: erasures.of(tenant).first },
          recordedAtMicros: entries.at(-1)?.recordedAtMicros ?? 0,
        }));
    },
    ...createTreeReader(assertOpen, trailOf),
    ...createCheckpointKeeper(assertOpen, checkpoints),
    ...createErasing({ inTurn, assertOpen, trailOf, erasures, checkpoints }),
    ...createCatalogueKeeper(assertOpen),
    async readSettled(producer) {
      assertOpen();
      return settled.get(producer) ?? 0;
    },
    close: () =>
      inTurn(() => {
        closed = true;
      }),
  };
}

function pageOf(request: PageRequest, matching: Entry[], trail: LayerTrail): StoredPage {
  const after = decodeCursor(request);
  const compare = comparePlaces(request.order);
  const rest = matching
    .sort(compareEntries(request.order))
    .filter((entry) => after === undefined || compare(placeOf(entry), after) > 0);
  const shown = rest.slice(0, request.limit);
  const entries = shown.map(({ seq }) => trail.entries[seq]!);
  if (rest.length <= request.limit) return { entries };
  return { entries, next: encodeCursor(request, placeOf(shown.at(-1)!)) };
}

function createTreeReader(
  assertOpen: () => void,
  trailOf: (tenant: string) => LayerTrail,
): Pick<MemoryStore, "readTree" | "readTile"> {
  return {
    async readTree(tenant) {
      assertOpen();
      return extendRange(emptyRange, leavesOf(trailOf(tenant)));
    },
    async readTile(tenant, level, number) {
      assertOpen();
      const leaves = leavesOf(trailOf(tenant));
      const width = tileWidthAt(level, number, leaves.length);
      const readHash = createLeafHashReader(leaves);
      const hashes = Array.from({ length: width }, (_, index) =>
        readHash(level * tileHeight, number * tileWidth + index),
      );
      return width === 0 ? undefined : encodeTile(hashes);
    },
  };
}

function createCatalogueKeeper(assertOpen: () => void): Pick<MemoryStore, "putCatalogue" | "readCatalogue"> {
  let catalogue: CatalogueDescription | undefined;
  return {
    async putCatalogue(description) {
      assertOpen();
      catalogue = structuredClone(description);
    },
    async readCatalogue() {
      assertOpen();
      return catalogue;
    },
  };
}

type KeptCheckpoint = StoredCheckpoint & { readonly tenant: string };

function createCheckpointKeeper(
  assertOpen: () => void,
  checkpoints: KeptCheckpoint[],
): Pick<MemoryStore, "putCheckpoint" | "listCheckpoints"> {
  return {
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
  };
}

function leavesOf({ entries }: LayerTrail): Uint8Array[] {
  return entries.map(({ hash }) => hash);
}

function settle(settled: Map<string, number>, options: AppendOptions | undefined): void {
  if (options?.settles === undefined) return;
  const { producer, total } = options.settles;
  settled.set(producer, Math.max(total, settled.get(producer) ?? 0));
}

/** Work one after the other. What does not get its turn in time is refused, so that a test fails instead of hanging. */
function createTurns(timeoutMs: number) {
  let turn: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(
        new AuditError(
          "STORE_LOCKED",
          "Cannot append: a transaction is open, and did not end in time. Inside a transaction, record through trail.in(transaction).",
        ),
      );
    }, timeoutMs);
    turn = turn.then(async () => {
      clearTimeout(timer);
      if (late) return;
      await (async () => work())().then(resolve, reject);
    });
    return promise;
  };
}
