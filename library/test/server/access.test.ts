/** Signing in, sessions, forged requests, lockout, keys: who the server lets in. */

import { statSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { Entry } from "../../src/event/entry.ts";
import type { Trail } from "../../src/trail/types.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import {
  bareOrigin,
  codeOf,
  json,
  makeKey,
  openTestServer,
  password,
  sendTo,
  setUp,
  signIn,
  signInAll,
  withKey,
} from "./test-server.ts";

const minute = 60_000;

async function told(trail: Trail, query: string): Promise<readonly Entry[]> {
  return (await trail.query(`log:auditrail ${query}`, { order: { by: "seq", direction: "oldest" } })).entries;
}

describe("the first person", () => {
  test("is made by the link, once, and is told of", async () => {
    await using opened = await openTestServer();
    const send = sendTo(opened.server);
    const old = opened.server.setUpPath()!.split("=")[1];
    const token = opened.server.setUpPath()!.split("=")[1];
    const body = { name: "root", password };
    const make = (given: unknown) => send("/api/v1/set-up", { method: "POST", json: { ...body, token: given } });
    expect(await codeOf(await make(old))).toBe("SET_UP_INVALID");
    expect((await make(token)).status).toBe(201);
    expect(await codeOf(await make(token))).toBe("SET_UP_INVALID");
    expect(opened.server.setUpPath()).toBeUndefined();
    const actions = (await told(opened.trail, "")).map(({ event }) => event.action.slice("auditrail.".length));
    expect(actions).toEqual(["sign-in-failed", "person-created", "signed-in", "sign-in-failed"]);
  });

  test("cannot be made by a link of more than an hour ago", async () => {
    await using opened = await openTestServer();
    const token = opened.server.setUpPath()!.split("=")[1];
    opened.clock.advance(61 * minute);
    const json = { name: "root", password, token };
    expect(await codeOf(await sendTo(opened.server)("/api/v1/set-up", { method: "POST", json }))).toBe(
      "SET_UP_INVALID",
    );
  });
});

describe("a session", () => {
  test("has a cookie that scripts and other sites do not get", async () => {
    await using opened = await openTestServer({ prefix: "/audit" });
    const send = sendTo(opened.server, "/audit");
    await setUp(opened.server, send);
    const response = await send("/api/v1/session", { method: "POST", json: { name: "ROOT ", password } });
    expect(response.headers.get("set-cookie")).toMatch(
      /^auditrail_session=[\w-]{43}; Path=\/audit; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  test("ends half an hour after the last request, and twelve hours after it began", async () => {
    await using opened = await openTestServer();
    const root = await setUp(opened.server, sendTo(opened.server));
    const isIn = async () => (await root.send("/api/v1/people")).status === 200;
    for (let half = 0; half < 3; half += 1) {
      opened.clock.advance(29 * minute);
      expect(await isIn()).toBe(true);
    }
    opened.clock.advance(31 * minute);
    expect(await isIn()).toBe(false);
    const again = await signIn(sendTo(opened.server), "root");
    for (let at = 0; at < 12 * 60; at += 20) {
      opened.clock.advance(20 * minute);
      const { status } = await again.send("/api/v1/people");
      expect([at, status]).toEqual([at, at + 20 < 12 * 60 ? 200 : 401]);
    }
  });

  test("is a new one at every sign-in, and the one before is over", async () => {
    await using opened = await openTestServer();
    const root = await setUp(opened.server, sendTo(opened.server));
    const again = await signIn((path, init) => root.send(path, init), "root");
    expect(again.cookie).not.toBe(root.cookie);
    expect((await root.send("/api/v1/people")).status).toBe(401);
    expect((await again.send("/api/v1/people")).status).toBe(200);
  });

  test("is over after signing out, for the disabled, and on other machines after a new password", async () => {
    await using opened = await openTestServer();
    const send = sendTo(opened.server);
    const { administrator, viewer, auditor } = await signInAll(opened.server, send);
    expect((await viewer.send("/api/v1/session", { method: "DELETE" })).status).toBe(204);
    expect((await viewer.send("/api/v1/entries")).status).toBe(401);
    const other = await signIn(send, "otto");
    const change = { method: "PUT", json: { current: password, next: "another long password" } };
    expect((await auditor.send("/api/v1/session/password", change)).status).toBe(204);
    expect([(await auditor.send("/api/v1/entries")).status, (await other.send("/api/v1/entries")).status]).toEqual([
      200, 401,
    ]);
    await administrator.send(`/api/v1/people/${auditor.id}`, { method: "PATCH", json: { disabled: true } });
    expect((await auditor.send("/api/v1/entries")).status).toBe(401);
    expect(
      await codeOf(
        await send("/api/v1/session", { method: "POST", json: { name: "otto", password: "another long password" } }),
      ),
    ).toBe("SIGN_IN_FAILED");
  });
});

describe("a request that another site made", () => {
  test.each([
    ["without the token", { "x-auditrail-csrf": "" }],
    ["with another token", { "x-auditrail-csrf": "x".repeat(43) }],
    ["from another origin", { origin: "https://evil.test" }],
    ["from a frame without an origin", { origin: "null" }],
    ["from another site, as the browser says", { "sec-fetch-site": "cross-site" }],
    ["from a neighbour of the same site", { "sec-fetch-site": "same-site" }],
  ])("%s is refused", async (_says, headers) => {
    await using opened = await openTestServer();
    const root = await setUp(opened.server, sendTo(opened.server));
    const json = { name: "eve", password, roles: ["administrator"] };
    expect(await codeOf(await root.send("/api/v1/people", { method: "POST", json, headers }))).toBe("REQUEST_FORGED");
    const own = { origin: bareOrigin, "sec-fetch-site": "same-origin" };
    expect((await root.send("/api/v1/people", { method: "POST", json, headers: own })).status).toBe(201);
  });

  test("cannot sign anybody in, nor send a form", async () => {
    await using opened = await openTestServer();
    const send = sendTo(opened.server);
    await setUp(opened.server, send);
    const json = { name: "root", password };
    expect(
      await codeOf(await send("/api/v1/session", { method: "POST", json, headers: { origin: "https://evil.test" } })),
    ).toBe("REQUEST_FORGED");
    const form = { method: "POST", json, headers: { "content-type": "text/plain" } };
    expect(await codeOf(await send("/api/v1/session", form))).toBe("REQUEST_INVALID");
  });
});

describe("failed sign-ins", () => {
  const wrong = { method: "POST", json: { name: "root", password: "wrong wrong wrong" } };

  test("make the next one wait, longer each time, for the name alone, and are told without the password", async () => {
    await using opened = await openTestServer();
    const send = sendTo(opened.server);
    await setUp(opened.server, send);
    for (let tries = 0; tries < 5; tries += 1) await send("/api/v1/session", wrong);
    for (const wait of [1, 2, 4]) {
      const early = await send("/api/v1/session", { method: "POST", json: { name: "root", password } });
      expect([early.status, early.headers.get("retry-after")]).toEqual([429, String(wait)]);
      opened.clock.advance(wait * 1000);
      expect(await codeOf(await send("/api/v1/session", wrong))).toBe("SIGN_IN_FAILED");
    }
    opened.clock.advance(8_000);
    expect((await signIn(send, "root")).id).toBeTypeOf("string");
    const failures = await told(opened.trail, "action:auditrail.sign-in-failed");
    expect(failures).toHaveLength(8);
    expect(JSON.stringify(failures)).not.toContain("wrong wrong");
    expect(failures[0]!.event).toMatchObject({
      outcome: "denied",
      data: { name: "root", cause: "credentials" },
      context: { ip: "192.0.2.1" },
    });
  });

  test("of many names make their address wait, and no other", async () => {
    await using opened = await openTestServer();
    await setUp(opened.server, sendTo(opened.server));
    const attacker = sendTo(opened.server, "", "203.0.113.9");
    for (let tries = 0; tries < 21; tries += 1) {
      await attacker("/api/v1/session", { method: "POST", json: { name: `guess ${tries}`, password: "x" } });
    }
    expect(await codeOf(await attacker("/api/v1/session", { method: "POST", json: { name: "root", password } }))).toBe(
      "SIGN_IN_DELAYED",
    );
    expect((await signIn(sendTo(opened.server), "root")).id).toBeTypeOf("string");
  });

  test("are counted by the address that trusted proxies tell, and by no other", async () => {
    await using opened = await openTestServer({ trustedProxies: ["10.0.0.0/8"] });
    const asked = async (peer: string, forwarded: string) => {
      const send = sendTo(opened.server, "", peer);
      const headers = { "x-forwarded-for": forwarded };
      await send("/api/v1/session", { method: "POST", json: { name: "x", password: "x" }, headers });
      opened.clock.advance(minute);
      return (await told(opened.trail, "action:auditrail.sign-in-failed")).at(-1)!.event.context!.ip;
    };
    expect(await asked("10.1.2.3", "198.51.100.7, 10.9.9.9")).toBe("198.51.100.7");
    expect(await asked("10.1.2.3", "127.0.0.1, 198.51.100.7")).toBe("198.51.100.7");
    expect(await asked("203.0.113.5", "198.51.100.7")).toBe("203.0.113.5");
  });
});

describe("people and keys", () => {
  test("nobody changes their own roles, or gives a key more than they have", async () => {
    await using opened = await openTestServer();
    const { administrator } = await signInAll(opened.server, sendTo(opened.server));
    for (const role of ["staff", "auditor"]) {
      const own = { method: "PATCH", json: { roles: ["administrator", role] } };
      expect(await codeOf(await administrator.send(`/api/v1/people/${administrator.id}`, own))).toBe("ACCESS_DENIED");
    }
    const key = { method: "POST", json: { label: "mine", scopes: ["entries:reveal"] } };
    expect(await codeOf(await administrator.send("/api/v1/keys", key))).toBe("ACCESS_DENIED");
  });

  test("an administrator who sees names gives no key that reads restricted logs as well", async () => {
    await using opened = await openTestServer();
    const root = await setUp(opened.server, sendTo(opened.server), ["administrator", "staff"]);
    const key = { method: "POST", json: { label: "mine", scopes: ["entries:read", "entries:reveal"] } };
    expect(await codeOf(await root.send("/api/v1/keys", key))).toBe("ACCESS_DENIED");
  });

  test("what does not exist, or exists already, is said so", async () => {
    await using opened = await openTestServer();
    const { administrator } = await signInAll(opened.server, sendTo(opened.server));
    const vera = { method: "POST", json: { name: "VERA", password, roles: ["viewer"] } };
    expect(await codeOf(await administrator.send("/api/v1/people", vera))).toBe("PERSON_EXISTS");
    expect(
      await codeOf(await administrator.send("/api/v1/people/none", { method: "PATCH", json: { disabled: true } })),
    ).toBe("PERSON_NOT_FOUND");
    expect(await codeOf(await administrator.send("/api/v1/keys/none", { method: "DELETE" }))).toBe("KEY_NOT_FOUND");
    expect(await codeOf(await administrator.send("/api/v1/searches/none", { method: "DELETE" }))).toBe(
      "SEARCH_NOT_FOUND",
    );
  });

  test("a key works until it is revoked or runs out, and its secret is shown once", async () => {
    await using opened = await openTestServer();
    const { administrator } = await signInAll(opened.server, sendTo(opened.server));
    const secret = await makeKey(administrator, ["entries:read"], { expiresInDays: 1 });
    const lasting = await makeKey(administrator, ["entries:read"]);
    const [short, long] = [withKey(sendTo(opened.server), secret), withKey(sendTo(opened.server), lasting)];
    expect([(await short("/api/v1/entries")).status, (await long("/api/v1/entries")).status]).toEqual([200, 200]);
    opened.clock.advance(24 * 60 * minute);
    expect([(await short("/api/v1/entries")).status, (await long("/api/v1/entries")).status]).toEqual([401, 200]);
    const again = await signIn(sendTo(opened.server), "root");
    const text = await (await again.send("/api/v1/keys")).text();
    expect(text).not.toContain(secret);
    for (const { id } of (JSON.parse(text) as { keys: { id: string }[] }).keys)
      await again.send(`/api/v1/keys/${id}`, { method: "DELETE" });
    expect(await codeOf(await long("/api/v1/entries"))).toBe("SESSION_REQUIRED");
  });

  test("a key of one tenant reads and writes no other", async () => {
    await using opened = await openTestServer();
    const { administrator } = await signInAll(opened.server, sendTo(opened.server));
    const send = withKey(
      sendTo(opened.server),
      await makeKey(administrator, ["entries:read", "events:write"], { tenants: ["acme"] }),
    );
    const sent = await send("/api/v1/events", {
      method: "POST",
      json: { events: [{ action: "voucher.applied", tenant: "acme" }, { action: "voucher.applied" }] },
    });
    expect(await json(sent)).toMatchObject({
      results: [{ status: "recorded" }, { status: "refused", error: { code: "ACCESS_DENIED" } }],
    });
    expect((await send("/api/v1/entries?tenant=acme")).status).toBe(200);
    expect(await codeOf(await send("/api/v1/entries"))).toBe("ACCESS_DENIED");
    expect(await json(await send("/api/v1/tenants"))).toMatchObject({ tenants: [{ tenant: "acme" }] });
  });
});

test.skipIf(process.platform === "win32")("the accounts file is its owner's alone", async () => {
  const accounts = join(temporaryDirectory(), "accounts.db");
  await using opened = await openTestServer({ accounts });
  await setUp(opened.server, sendTo(opened.server));
  for (const file of [accounts, `${accounts}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
});
