/** A trail with people in it, a signing key, and the erasing of it: on every store, verified from outside. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { checkTrails } from "../../src/testing/index.ts";
import { readAll } from "../../src/testing/contract/assertions.ts";
import { parseEventText } from "../../src/event/entry.ts";
import { readErasureOrder } from "../../src/event/erasure-order.ts";
import { openErasure, type Erasure } from "../../src/erasure/index.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import type { OpenConnection } from "../../src/stores/sqlite/driver.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import type { Store } from "../../src/trail/contracts.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import type { Trail } from "../../src/trail/types.ts";
import { checkSqliteFile } from "../contracts/check-sqlite-file.ts";
import { publishCheckpoints } from "./publish-checkpoints.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

export interface World {
  readonly store: Store<never>;
  readonly trail: Trail;
  readonly erasure: Erasure;
  /** The database file; empty for a store in memory. */
  readonly file: string;
  /** Verifies everything from outside. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export const operator = { type: "user", id: "dpo" };

export const storeKinds = ["memory", "sqlite", "sqlite in threads"] as const;
export type StoreKind = (typeof storeKinds)[number];

export async function openWorld(
  kind: StoreKind,
  given: { readonly file?: string; readonly openConnection?: OpenConnection } = {},
): Promise<World> {
  const file = kind === "memory" ? "" : (given.file ?? join(temporaryDirectory(), "audit.db"));
  const store = (kind === "memory"
    ? openMemoryStore()
    : await openSqliteStore({
        file,
        createIfMissing: true,
        threads: kind !== "sqlite",
        ...(given.openConnection && { openConnection: given.openConnection }),
      })) as unknown as Store<never>;
  const trail = (await openTrail({ catalogue: openCatalogue(), store: store as Store<never> })) as unknown as Trail;
  const erasure = await openErasure({ trail, store, checkpoint: () => publishCheckpoints(store) });
  return {
    ...{ store, trail, erasure, file },
    check: () => checkStore(store, file),
    close: () => trail.close(),
  };
}

/** Verifies a store from outside, and its file where it has one. */
export async function checkStore(store: Store<never>, file: string): Promise<void> {
  await checkTrails(store as Store<unknown>);
  await checkErasures(store);
  if (file !== "") checkSqliteFile(file);
}

/** Whatever is absent has an entry that says so: missing positions and missing compartments alike. */
async function checkErasures(store: Store<never>): Promise<void> {
  for (const { tenant, first } of await store.listTrails()) {
    const entries = await readAll(store as Store<unknown>, tenant);
    const orders = entries
      .map(({ seq, text }) => readErasureOrder(parseEventText(text), seq))
      .filter((order) => order !== undefined);
    assert.ok(
      first === 0 || orders.some((order) => order.kind === "pruned" && order.from === 0 && order.to >= first),
      `the absence of what is before ${first} is announced`,
    );
    for (const { seq, text, sealed } of entries) {
      parseEventText(text).sealed?.forEach(({ subject }, part) => {
        if (sealed.some(({ index }) => index === part)) return;
        const announced = orders.some((order) =>
          order.kind === "redacted"
            ? order.entries.some((each) => each.seq === seq && each.parts.includes(part))
            : order.kind === "shredded" && order.subject === subject && seq < order.to,
        );
        assert.ok(announced, `the absence of part ${part} of entry ${seq} is announced`);
      });
    }
  }
}

/** A person whose name is in no other place of the world: each word is long enough not to stand in random bytes by chance. */
export function person(number: number): {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly email: string;
} {
  const word = (number + 1_000_003).toString(36);
  return { type: "user", id: String(number), name: `Zq${word}wex Vy${word}kol`, email: `xum${word}dof@pex.example` };
}

/** Records `count` orders, each by one of so many people. */
export async function recordOrders(trail: Trail, count: number, people = 10, more: object = {}): Promise<void> {
  const record = trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
  await Promise.all(
    Array.from({ length: count }, (_, number) =>
      record("order.placed", {
        actor: person(number % people),
        target: { type: "order", id: String(number) },
        data: { number },
        ...more,
      }),
    ),
  );
}

/** Which of these texts can be read from the files of a database. */
export function findInFiles(file: string, texts: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    if (!existsSync(file + suffix)) continue;
    const bytes = readFileSync(file + suffix);
    for (const text of texts) if (bytes.includes(text)) found.push(`${text} in ${suffix || "the database"}`);
  }
  return found;
}

/** The words under which a person is found, and stands in files: as written, and as the text index has them. */
export function traces(number: number): readonly string[] {
  const { name, email } = person(number);
  return [...name.split(" "), email.split("@")[0]!].flatMap((word) => [word, word.toLowerCase()]);
}
