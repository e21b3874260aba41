/** A Postgres database of which an older copy is put back: the guard refuses to sign it, until an operator begins a new epoch. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import pg from "pg";
import { expect, test } from "vitest";

import { openPostgresStore } from "../../src/stores/postgres/index.ts";
import { findPostgres } from "../postgres/binaries.ts";
import { createTestDatabase } from "../postgres/test-database.ts";
import { makePlace, openSealed, storeOrigin, type Place } from "./sealed-store.ts";

const { url } = await createTestDatabase();

const named = (name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: named("postgres") });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function open(place: Place, address: string) {
  const { clock } = place;
  const store = await openPostgresStore({ connection: address, origin: storeOrigin, createIfMissing: true, clock });
  return openSealed(place, {}, {}, store as never);
}

/** Copies the database, while nobody is connected to it. */
const copies: Readonly<Record<string, (from: string, to: string) => Promise<void>>> = {
  "a copy of the database": (from, to) => onServer(`CREATE DATABASE ${to} TEMPLATE ${from}`),
  async "a dump that is restored"(from, to) {
    await onServer(`CREATE DATABASE ${to} TEMPLATE template0`);
    const dump = execFileSync(programOf("pg_dump")!, ["--format=custom", named(from)], { maxBuffer: 2 ** 28 });
    execFileSync(programOf("pg_restore")!, ["--exit-on-error", "--dbname", named(to)], { input: dump, stdio: "pipe" });
  },
};

function programOf(name: string): string | undefined {
  const places = [dirname(findPostgres().initdb), ...(process.env["PATH"] ?? "").split(delimiter)];
  return places.map((place) => join(place, name)).find((program) => existsSync(program));
}

test.for(Object.keys(copies))(
  "%s that is older is not signed, records on, and is signed again in a new epoch",
  async (how, context) => {
    if (how.includes("dump") && programOf("pg_dump") === undefined)
      return context.skip("there is no pg_dump on this machine");
    const [live, backup] = [crypto.randomUUID(), crypto.randomUUID()].map((id) => `sealed_${id.replaceAll("-", "")}`);
    await onServer(`CREATE DATABASE ${live} TEMPLATE template0`);
    const place = makePlace();
    const first = await open(place, named(live!));
    await first.sell(10);
    expect((await first.sealing.checkpointNow()).state).toBe("ok");
    await first.close();
    await copies[how]!(live!, backup!);
    const on = await open(place, named(live!));
    await on.sell(10);
    expect((await on.sealing.checkpointNow()).state).toBe("ok");
    await on.verifyOutside();
    await on.close();
    await onServer(`DROP DATABASE ${live}`);
    await onServer(`ALTER DATABASE ${backup} RENAME TO ${live}`);

    const restored = await open(place, named(live!));
    const refused = await restored.sealing.checkpointNow();
    expect(refused.state).toBe("refused");
    expect(refused.refused[0]).toMatchObject({
      ...{ tenant: "default", code: "SIGNING_REFUSED" },
      details: { signed: { size: 20 }, found: { size: 10 } },
    });
    await restored.sell(15);
    expect((await restored.sealing.checkpointNow()).refused[0]).toMatchObject({ details: { found: { size: 25 } } });
    const reason = "backup of Sunday put back";
    const begun = await restored.sealing.beginEpoch({ reason, actor: { type: "user", id: "operator" } });
    expect(begun.map(({ tenant, epoch }) => [tenant, epoch])).toContainEqual(["default", 2]);
    const signed = await restored.sealing.checkpointNow();
    expect([signed.state, signed.refused]).toEqual(["ok", []]);
    const { default: checkpoints } = await restored.verifyOutside();
    expect(checkpoints!.map(({ size }) => size)).toEqual([10, expect.any(Number)]);
    expect(checkpoints!.at(-1)!.origin).not.toBe(checkpoints![0]!.origin);
    await restored.close();
    await onServer(`DROP DATABASE ${live} WITH (FORCE)`);
  },
);
