/** A store on a file with a trail, a key file and a guard, and verification of all of it from outside. */

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { action } from "../../src/event/action.ts";
import { createKeyFile, openKeyFile } from "../../src/sealing/key-file.ts";
import { openSealing } from "../../src/sealing/open-sealing.ts";
import type { Sealing, SealingOptions } from "../../src/sealing/sealing-types.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../src/stores/sqlite/sqlite-store.ts";
import { checkTrails } from "../../src/testing/check-trails.ts";
import { fixedClock, type FixedClock } from "../../src/testing/fixed-clock.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import type { Store, StoredCheckpoint } from "../../src/trail/contracts.ts";
import { naiveLeaf, naiveRoot } from "../vectors/naive-tree.ts";

export const storeOrigin = "audit.example.com/shop";

const catalogue = defineCatalogue(
  defineLog("shop", { title: "Shop", actions: { sold: action({ op: "create", says: "{actor} sold {target}" }) } }),
);

export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-sealing-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Place {
  readonly directory: string;
  readonly database: string;
  readonly keyFile: string;
  readonly guard: string;
  readonly clock: FixedClock;
}

export function makePlace(directory = makeDirectory()): Place {
  const keyFile = join(directory, "auditrail.keys");
  createKeyFile(keyFile, { name: storeOrigin });
  return { directory, database: join(directory, "audit.db"), keyFile, guard: `${keyFile}.guard`, clock: fixedClock() };
}

/** Opens the store, the trail and sealing that signs when it is asked. */
export async function openSealed(
  place: Place,
  options: Partial<SealingOptions> = {},
  storeOptions: Partial<SqliteStoreOptions> = {},
  given?: Store<unknown>,
) {
  const { clock } = place;
  const made = { createIfMissing: true, origin: storeOrigin, clock };
  const store = given ?? (await openSqliteStore({ file: place.database, ...made, ...storeOptions }));
  const trail = await openTrail({ catalogue, store, clock });
  const { keys } = openKeyFile(place.keyFile);
  const sealing: Sealing = openSealing({
    store,
    record: trail.record,
    keys,
    guard: place.guard,
    clock,
    intervalMs: 0,
    ...options,
  });
  const sell = async (count: number, tenant = "default"): Promise<void> => {
    for (let index = 0; index < count; index += 1)
      await trail.record("shop.sold", { tenant, actor: { type: "user", id: "42" } });
  };
  const close = async (): Promise<void> => {
    await sealing.close();
    await trail.close();
  };
  onTestFinished(close);
  /** Verifies everything; answers the checkpoints of each trail, oldest first. */
  const verifyOutside = () =>
    verifyStore(
      store,
      openKeyFile(place.keyFile).keys.map(({ publicKey }) => publicKey),
    );
  return { store, trail, sealing, sell, close, verifyOutside };
}

export type Checkpoints = Readonly<Record<string, readonly (StoredCheckpoint & { readonly origin: string })[]>>;

export async function verifyStore(store: Store<unknown>, publicKeys: readonly Uint8Array[]): Promise<Checkpoints> {
  await checkTrails(store);
  const found: Record<string, (StoredCheckpoint & { readonly origin: string })[]> = {};
  for (const { tenant } of await store.listTrails()) {
    const entries = await store.read(tenant, 0, 1_000_000);
    const leaves = entries.map(({ text }) => naiveLeaf(Buffer.from(text)));
    found[tenant] = (await store.listCheckpoints(tenant, 0, 100_000)).map((checkpoint) => {
      const origin = verifyNaively(checkpoint.note, publicKeys);
      assert.ok(
        checkpoint.size <= leaves.length,
        `a checkpoint of ${tenant} has ${checkpoint.size} entries, and there are ${leaves.length}`,
      );
      const root = Buffer.from(naiveRoot(leaves.slice(0, checkpoint.size)));
      assert.deepEqual(Buffer.from(checkpoint.root), root, `root of ${tenant} at ${checkpoint.size}`);
      assert.equal(
        checkpoint.note.split("\n").slice(0, 3).join("\n"),
        `${origin}\n${checkpoint.size}\n${root.toString("base64")}`,
      );
      return { ...checkpoint, origin };
    });
    assertAnchored(
      entries.map(({ text }) => JSON.parse(text) as AnchorEntry),
      tenant,
    );
  }
  return found;
}

interface AnchorEntry {
  readonly action: string;
  readonly data?: {
    readonly tenant: string;
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly note: string;
  };
}

/** What stands in the anchor is the notes themselves, untouched by redaction. */
function assertAnchored(entries: readonly AnchorEntry[], tenant: string): void {
  for (const { action: name, data } of entries.filter(() => tenant === "auditrail.anchor")) {
    assert.ok(["auditrail.checkpointed", "auditrail.epoch-begun"].includes(name), name);
    if (name === "auditrail.checkpointed")
      assert.ok(data!.note.startsWith(`${data!.origin}\n${data!.size}\n${data!.root}\n\n— `), data!.note);
  }
}

/** The origin of a note that at least one of the keys has signed in that name; a second reading of C2SP signed-note. */
export function verifyNaively(note: string, publicKeys: readonly Uint8Array[]): string {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const origin = text.split("\n")[0]!;
  const lines = note
    .slice(end + 2)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
  const signatures = lines
    .filter(([, name]) => name === origin)
    .map(([, , base64]) => Buffer.from(base64!, "base64").subarray(4));
  assert.ok(signatures.length > 0, `no signature by ${origin} in ${note}`);
  for (const signature of signatures) {
    const matching = publicKeys.filter((key) => verify(null, Buffer.from(text), publicKeyObject(key), signature));
    assert.equal(matching.length, 1, `each signature is by one of our keys: ${note}`);
  }
  return origin;
}

function publicKeyObject(key: Uint8Array) {
  return createPublicKey({
    key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]),
    format: "der",
    type: "spki",
  });
}
