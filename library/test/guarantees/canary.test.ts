/** Secrets planted in every place an event has must reach no file, by whatever way it is kept; personal data no entry. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";
import { z } from "zod";

import type { AuditError } from "../../src/base/errors.ts";
import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { personal, secret } from "../../src/event/marks.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { failBeforeAppend } from "../../src/testing/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const catalogue = defineCatalogue(
  defineLog("login", {
    title: "Log-ins",
    actions: {
      failed: action({
        op: "auth",
        says: "{actor} failed to log in",
        state: z.unknown(),
        data: z.object({ pin: secret(z.string()), phone: personal(z.string()), rest: z.unknown() }),
      }),
      seen: action({
        op: "auth",
        says: "{actor} was seen",
        guarantee: "buffered",
        data: z.object({ rest: z.unknown() }),
      }),
    },
  }),
);

// Put together here, so that no scanner takes this file for a leak.
const canary = (place: number): string => `canary${String(place).padStart(4, "0")}x7Kq2`;
const shapes = (word: string) => [
  `Bearer ${word}${word}`,
  `sk_live_${word}${word}${word}`,
  `postgres://app:${word}@db.example.com/shop`,
  `password=${word}`,
];
const personalValues = [
  "Ida-Personal-Lund",
  "ida.personal@example.com",
  "+45 12 34 56 78 personal",
  "Order-Name-Personal",
  "198.51.100.77",
  "Personal-Browser/9",
];

let place = 0;
const planted: string[] = [];

function plant(): string {
  place += 1;
  planted.push(canary(place));
  return canary(place);
}

/** A value with a secret under a telling name, in telling text, in a nested list, in a map's key and value. */
function plantedValue(): Record<string, unknown> {
  return {
    password: plant(),
    apiKey: plant(),
    nested: [[{ deeper: [{ accessToken: plant(), cookies: [plant()] }] }], shapes(plant()).join(" and ")],
    map: new Map<unknown, unknown>([
      ["client_secret", plant()],
      [{ password: plant() }, "value of an object as a key"],
    ]),
    [`Authorization: Bearer ${plant()}${plant()}`]: "in a name",
    error: plantedError(),
    headers: { Authorization: `Basic ${plant()}`, "Set-Cookie": `session=${plant()}; Path=/` },
  };
}

function plantedError(): Error {
  const error = new Error(`connecting to ${shapes(plant())[2]!} failed`, {
    cause: new Error(`password=${plant()}`),
  });
  error.stack = `${error.stack}\n    at login (token=${plant()})`;
  return Object.assign(error, { password: plant() });
}

function plantedEvent() {
  return {
    actor: {
      type: "user",
      id: "7",
      name: personalValues[0]!,
      email: personalValues[1]!,
      agent: `curl password=${plant()}`,
      credential: shapes(plant())[1]!,
      roles: ["clerk", shapes(plant())[0]!],
    },
    onBehalfOf: [
      {
        type: "agent",
        id: shapes(plant())[1]!,
        name: shapes(plant())[0]!,
        email: shapes(plant())[3]!,
      },
    ],
    targets: [
      { type: "order", id: "o1", name: personalValues[3]!, parent: shapes(plant())[2]! },
      { type: "link", id: shapes(plant())[2]!, role: shapes(plant())[3]! },
    ],
    correlationId: shapes(plant())[1]!,
    causationId: shapes(plant())[0]!,
    operationId: shapes(plant())[3]!,
    message: `tried ${shapes(plant()).join(", ")}`,
    reason: shapes(plant())[3]!,
    error: plantedError(),
    context: {
      ip: personalValues[4]!,
      userAgent: personalValues[5]!,
      route: `/login?password=${plant()}&token=${plant()}`,
      service: `shop ${shapes(plant())[2]!}`,
      requestId: shapes(plant())[1]!,
      sessionId: shapes(plant())[1]!,
      traceId: shapes(plant())[0]!,
      spanId: shapes(plant())[3]!,
    },
    subjects: ["user/7", shapes(plant())[1]!],
  };
}

const loginData = () => ({ pin: plant(), phone: personalValues[2]!, rest: plantedValue() });

function filesBelow(directory: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

/** As text, and as a database or a file of bytes might hold it. */
function findLeaks(directory: string): string[] {
  return filesBelow(directory).flatMap(({ path, bytes }) =>
    planted
      .filter((word) =>
        [
          word,
          Buffer.from(word, "utf16le"),
          Buffer.from(word).toString("hex"),
          Buffer.from(word).toString("base64").slice(0, -4),
        ].some((form) => bytes.includes(form)),
      )
      .map((word) => `${word} in ${path}`),
  );
}

test("no secret reaches the database, its log, the spool or the ledger", { timeout: 60_000 }, async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "audit.db");
  const store = failBeforeAppend(await openSqliteStore({ file, createIfMissing: true }), "STORE_FULL");
  const trail = await openTrail({
    catalogue,
    store,
    spool: { directory: join(directory, "spool") },
    exitHooks: false,
  });
  const recordAll = async () => {
    await trail.record("login.failed", {
      ...plantedEvent(),
      before: plantedValue(),
      after: plantedValue(),
      data: loginData(),
    });
    await trail.record("login.seen", { ...plantedEvent(), data: { rest: plantedValue() } });
    await trail.with(
      {
        actor: { type: "user", id: "7", name: personalValues[0]! },
        reason: shapes(plant())[3]!,
        context: { route: `/x?api_key=${plant()}` },
      },
      () =>
        trail.track("login.failed", { data: loginData() }, () => Promise.reject(plantedError())).catch(() => undefined),
    );
    await trail.flush();
  };
  await recordAll();
  expect(findLeaks(directory)).toEqual([]);
  store.fail();
  await recordAll();
  expect(trail.health().spooled).toBe(3);
  expect(
    filesBelow(directory)
      .map(({ path }) => path)
      .filter((path) => /\.(spool|ledger)$|-wal$/.test(path)),
  ).toHaveLength(3);
  expect(findLeaks(directory)).toEqual([]);
  store.mend();
  await trail.close();
  expect(findLeaks(directory)).toEqual([]);
  expect(planted.length).toBeGreaterThan(100);
});

test("an error about an event says what kind of value it found, never the value", async () => {
  const trail = await openTrail({ catalogue, store: openMemoryStore(), exitHooks: false });
  const wrong = [
    { target: { type: shapes(plant())[2]!, id: "1" } },
    { actor: { type: "user", name: [shapes(plant())[0]!] } },
    { outcome: shapes(plant())[1]! },
    { occurredAt: shapes(plant())[3]! },
    { data: { pin: [plant()], phone: plant(), rest: plant() } },
    { data: { pin: plant(), phone: 5, rest: plant() } },
  ];
  for (const fields of wrong) {
    const data = { pin: "1", phone: "2", rest: null };
    const error = await trail.record("login.failed", { data, ...fields } as never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "EVENT_INVALID" });
    expect(JSON.stringify([String(error), (error as AuditError).details])).not.toMatch(/canary\d/);
  }
  await trail.close();
});

test("no personal value is in an entry, in the clear", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "audit.db");
  const trail = await openTrail({
    catalogue,
    store: await openSqliteStore({ file, createIfMissing: true }),
    exitHooks: false,
  });
  await trail.record("login.failed", { ...plantedEvent(), data: { ...loginData(), rest: null } });
  const [entry] = (await trail.query("")).entries;
  expect(entry!.event).toMatchObject({
    actor: { name: personalValues[0], email: personalValues[1] },
    data: { phone: personalValues[2] },
  });
  await trail.close();
  const connection = new DatabaseSync(file);
  const texts = connection
    .prepare("SELECT entry FROM auditrail_entry")
    .all()
    .map(({ entry: text }) => String(text));
  connection.close();
  for (const value of personalValues) expect(texts.join("\n")).not.toContain(value);
});
