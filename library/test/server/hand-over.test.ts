/** People whom an application signs in: what a link can do, and what it cannot. */

import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { handOverLink, type HandOverLinkOptions } from "../../src/server/hand-over.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import {
  bareOrigin,
  codeOf,
  fill,
  json,
  openTestServer,
  password,
  sendTo,
  setUp,
  type Send,
  type TestServer,
} from "./test-server.ts";

const key = "0123456789abcdef0123456789abcdef";
const mira = { id: "staff-7", name: "Mira Okafor" };
let opened: TestServer;
let send: Send;

beforeEach(async () => {
  opened = await openTestServer({ handOver: { key, roles: ["viewer", "staff", "auditor"] } });
  await fill(opened.trail);
  send = sendTo(opened.server);
});
afterEach(() => opened[Symbol.asyncDispose]());

const link = (more: Partial<HandOverLinkOptions> = {}): string =>
  handOverLink({ server: bareOrigin, key, person: mira, clock: opened.clock, ...more });
const tokenOf = (made: string): string => new URLSearchParams(new URL(made).hash.slice(1)).get("hand-over")!;
const use = (made: string, by = send): Promise<Response> =>
  by("/api/v1/hand-over", { method: "POST", json: { token: tokenOf(made) } });
let addresses = 0;
/** Each try from another address, so that none has to wait. */
const whyNot = async (made: string): Promise<string> => {
  addresses += 1;
  const response = await use(made, sendTo(opened.server, "", `198.51.100.${addresses}`));
  expect([response.status, response.headers.get("set-cookie")]).toEqual([403, null]);
  const { error } = await json<{ error: { code: string; message: string } }>(response);
  expect(error.code).toBe("HAND_OVER_INVALID");
  return error.message;
};

interface Handed {
  readonly cookie: string;
  readonly person: { readonly id: string; readonly name: string; readonly roles: readonly string[] };
}

async function arrive(more: Partial<HandOverLinkOptions> = {}): Promise<Handed> {
  const response = await use(link(more));
  expect(response.status).toBe(200);
  const { person } = await json<Handed>(response);
  return { person, cookie: response.headers.get("set-cookie")!.split(";", 1)[0]! };
}

async function eventsOf(action: string): Promise<readonly string[]> {
  const query = { kind: "field", field: "action", tests: [{ kind: "text", pattern: [action] }] } as const;
  const order = { by: "seq", direction: "oldest" } as const;
  const { entries } = await opened.store.page({ tenant: "default", query, order, limit: 100 });
  return entries.map(({ text }) => text);
}

test("a link signs a person in who has no account, as what it says, and the trail tells how", async () => {
  const { person, cookie } = await arrive({ roles: ["auditor"] });
  expect(person).toMatchObject({ name: "Mira Okafor", roles: ["auditor"], handedOver: true, tenants: null });
  const seen = await json(await send("/api/v1/entries/0", { headers: { cookie } }));
  expect(JSON.stringify(seen)).toContain("Zelda 1");
  const signedIn = (await eventsOf("auditrail.signed-in")).join();
  expect(signedIn).toContain('"by":"hand-over"');
  expect(signedIn).toContain(person.id);
  expect(await eventsOf("auditrail.person-created")).toHaveLength(1);
});

test("staff who are handed over see names, and no restricted log", async () => {
  const { person, cookie } = await arrive({ roles: ["staff"] });
  expect(person).toMatchObject({ roles: ["staff"] });
  const found = await (await send("/api/v1/entries?query=-log:auditrail", { headers: { cookie } })).text();
  expect(found).toContain("Zelda 1");
  expect(found).not.toContain("salary");
});

test("a link is good once, also where two use it at the same moment", async () => {
  const made = link();
  const both = await Promise.all([use(made), use(made)]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
  expect(await whyNot(made)).toContain("used already");
  expect((await eventsOf("auditrail.sign-in-failed")).join()).toContain("hand-over");
});

test("a link that was used is not good again because the server has started again", async () => {
  const directory = temporaryDirectory();
  const options = { accounts: join(directory, "accounts.db"), handOver: { key } };
  const made = link();
  for (const expected of [200, 403]) {
    await using again = await openTestServer(options);
    expect((await use(made, sendTo(again.server))).status).toBe(expected);
  }
});

test("a link that has run out, lasts too long, or was made or altered by somebody else signs nobody in", async () => {
  const made = link({ seconds: 20 });
  opened.clock.advance(20_000);
  expect(await whyNot(made)).toContain("run out");
  expect(await whyNot(link({ seconds: 61 }))).toContain("longer than this server allows");
  expect(await whyNot(link({ key: key.replace("0", "1") }))).toContain("not signed");
  const [text, signature] = tokenOf(link()).split(".");
  const other = tokenOf(link({ roles: ["auditor"] })).split(".")[0];
  for (const token of [`${other}.${signature}`, `${text}.`, `${text}.${signature}.x`, "auditrail_hand_over_.", "x"])
    expect(await whyNot(`${bareOrigin}/#hand-over=${token}`)).toContain("not signed");
});

test("nobody becomes more than the option allows, and never an administrator", async () => {
  await using strict = await openTestServer({ handOver: { key } });
  for (const role of ["staff", "auditor"] as const) {
    const made = handOverLink({ server: bareOrigin, key, person: mira, roles: [role], clock: strict.clock });
    expect(await codeOf(await use(made, sendTo(strict.server)))).toBe("HAND_OVER_INVALID");
  }
  expect(() => link({ roles: ["administrator" as "viewer"] })).toThrow("roles");
  await expect(openTestServer({ handOver: { key, roles: ["administrator" as "viewer"] } })).rejects.toThrow(
    "expected viewer or staff or auditor",
  );
});

test("the same id is the same person, and is what the last link says: also in sessions from before", async () => {
  const first = await arrive({ roles: ["auditor"] });
  const second = await arrive({ person: { id: mira.id, name: "Mira Okafor-Pop" } });
  expect(second.person).toMatchObject({ id: first.person.id, name: "Mira Okafor-Pop", roles: ["viewer"] });
  const seen = await json(await send("/api/v1/entries/0", { headers: { cookie: first.cookie } }));
  expect(JSON.stringify(seen)).not.toContain("Zelda 1");
  expect((await eventsOf("auditrail.person-changed")).join()).toContain('"changed":["roles"]');
});

test("who is handed over closes no set-up link, signs in with no password, and can be disabled", async () => {
  const { person } = await arrive();
  const administrator = await setUp(opened.server, send);
  for (const name of [mira.name, person.id]) {
    for (const tried of ["", password])
      expect(await codeOf(await send("/api/v1/session", { method: "POST", json: { name, password: tried } }))).toBe(
        "SIGN_IN_FAILED",
      );
  }
  const change = (body: object) => administrator.send(`/api/v1/people/${person.id}`, { method: "PATCH", json: body });
  expect(await codeOf(await change({ password }))).toBe("ACCESS_DENIED");
  expect(await codeOf(await change({ roles: ["administrator"] }))).toBe("ACCESS_DENIED");
  expect((await change({ disabled: true })).status).toBe(200);
  expect(await whyNot(link())).toContain("disabled");
});

test("somebody who is handed over does not change the password of a person who is called the same", async () => {
  const administrator = await setUp(opened.server, send);
  await administrator.send("/api/v1/people", {
    method: "POST",
    json: { name: mira.name, password, roles: ["viewer"] },
  });
  const { cookie } = await arrive();
  const { csrfToken } = await json<{ csrfToken: string }>(await send("/api/v1/session", { headers: { cookie } }));
  const response = await send("/api/v1/session/password", {
    method: "PUT",
    json: { current: password, next: "another password" },
    headers: { cookie, "x-auditrail-csrf": csrfToken },
  });
  expect(await codeOf(response)).toBe("ACCESS_DENIED");
});

test("tries without the key are slowed down by their address alone", async () => {
  const forged = `${bareOrigin}/#hand-over=auditrail_hand_over_e30.AAAA`;
  for (let tries = 0; tries < 5; tries += 1) await use(forged);
  expect((await use(forged)).status).toBe(429);
  expect((await use(link(), sendTo(opened.server, "", "192.0.2.77"))).status).toBe(200);
});

test("a key that could be guessed is refused on both sides, and so is a link to nowhere", async () => {
  expect(() => link({ key: "short" })).toThrow("at least 32 bytes");
  await expect(openTestServer({ handOver: { key: "short" } })).rejects.toThrow("at least 32 bytes");
  expect(() => link({ server: "nowhere" })).toThrow("expected an address");
  expect(() => link({ to: "javascript:1" })).toThrow("expected a path");
  expect(link({ to: "/log/voucher" })).toMatch(
    /^http:\/\/audit\.test\/#hand-over=auditrail_hand_over_[\w.-]+&to=%2Flog%2Fvoucher$/,
  );
});

test("a server that was not told of an application takes nobody", async () => {
  await using plain = await openTestServer();
  expect(await codeOf(await use(link(), sendTo(plain.server)))).toBe("HAND_OVER_INVALID");
});
