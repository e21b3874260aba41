/** Every route for every caller: who gets in, and who does not. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { routes } from "../../src/server/routes.ts";
import type { Route } from "../../src/server/route.ts";
import {
  fill,
  makeKey,
  openTestServer,
  sendTo,
  signInAll,
  withKey,
  type Send,
  type TestServer,
} from "./test-server.ts";

const callers = [
  "nobody",
  "viewer",
  "staff",
  "auditor",
  "administrator",
  "key that reads",
  "key that writes",
  "key that measures",
] as const;
type CallerName = (typeof callers)[number];

let opened: TestServer;
let sends: Record<CallerName, Send>;

beforeAll(async () => {
  opened = await openTestServer();
  await fill(opened.trail);
  const send = sendTo(opened.server);
  const { administrator, viewer, staff, auditor } = await signInAll(opened.server, send);
  sends = {
    ...{ nobody: send, viewer: viewer.send, staff: staff.send },
    ...{ auditor: auditor.send, administrator: administrator.send },
    "key that reads": withKey(send, await makeKey(administrator, ["entries:read"])),
    "key that writes": withKey(send, await makeKey(administrator, ["events:write"])),
    "key that measures": withKey(send, await makeKey(administrator, ["metrics:read"])),
  };
});

afterAll(() => opened[Symbol.asyncDispose]());

const everyone = callers;
const people: readonly CallerName[] = ["viewer", "staff", "auditor", "administrator"];
const readers: readonly CallerName[] = [...people, "key that reads"];

/** Who gets past the door of each route; written out, so that a change of the table is a change here. */
const allowed: Readonly<Record<string, readonly CallerName[]>> = {
  ...{
    readSession: everyone,
    signIn: everyone,
    setUp: everyone,
    handOver: everyone,
    signOut: people,
    changeOwnPassword: people,
  },
  ...{ listPeople: ["administrator"], createPerson: ["administrator"], changePerson: ["administrator"] },
  ...{ listKeys: ["administrator"], createKey: ["administrator"], revokeKey: ["administrator"] },
  ...{ listSearches: people, createSearch: people, changeSearch: people, dropSearch: people },
  ...{
    readCatalogue: readers,
    listTenants: readers,
    listEntries: readers,
    readEntry: readers,
    listSurrounding: readers,
  },
  ...{
    listTimeline: readers,
    countEntries: readers,
    listFacets: readers,
    readHistogram: readers,
    tailEntries: readers,
  },
  ...{ readProof: readers, listCheckpoints: readers, readTrust: readers, createEmbedToken: readers },
  ...{ exportEntries: people, recordEvents: ["key that writes"], readMetrics: ["administrator", "key that measures"] },
  ...{
    checkLive: everyone,
    checkReady: everyone,
    readOpenapi: everyone,
    readReference: everyone,
    listEmbeddedTimeline: [],
  },
};

/** What a caller who is let in gets for a request that is otherwise right, or wrong in what it asks: never 401 or 403. */
const inputs: Readonly<Record<string, { readonly path?: string; readonly json?: unknown }>> = {
  signIn: { json: {} },
  setUp: { json: {} },
  handOver: { json: {} },
  signOut: { path: "/api/v1/session?not=now" },
  changeOwnPassword: { json: {} },
  createPerson: { json: {} },
  changePerson: { path: "/api/v1/people/nobody", json: {} },
  createKey: { json: {} },
  revokeKey: { path: "/api/v1/keys/none" },
  createSearch: { json: { name: "mine", query: "" } },
  changeSearch: { path: "/api/v1/searches/none", json: { name: "mine", query: "" } },
  dropSearch: { path: "/api/v1/searches/none" },
  readEntry: { path: "/api/v1/entries/0" },
  listSurrounding: { path: "/api/v1/entries/0/surrounding" },
  readProof: { path: "/api/v1/entries/0/proof" },
  listTimeline: { path: "/api/v1/timelines?actor=user/1" },
  listFacets: { path: "/api/v1/facets?fields=action" },
  recordEvents: { json: { events: [{ action: "voucher.applied" }] } },
  createEmbedToken: { json: { actor: "user/1" } },
};

test("the table of this test is the table of the server", () => {
  expect(Object.keys(allowed).toSorted()).toEqual(routes.map(({ name }) => name).toSorted());
});

async function statusFor(route: Route, caller: CallerName): Promise<number> {
  const { path = route.path, json } = inputs[route.name] ?? {};
  const response = await sends[caller](path, { method: route.method, ...(json === undefined ? {} : { json }) });
  await response.body?.cancel();
  return response.status;
}

describe.each(callers)("%s", (caller) => {
  test.each(routes.map((route) => [route.name, route] as const))("at %s", async (name, route) => {
    const status = await statusFor(route, caller);
    if (allowed[name]!.includes(caller)) expect([200, 201, 204, 400, 404, 409]).toContain(status);
    else expect(status).toBe(caller === "nobody" || route.access.kind === "embed-token" ? 401 : 403);
  });
});
