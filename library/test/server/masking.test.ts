/** What viewers and staff do not learn, however they ask. */

import { afterAll, beforeAll, expect, test } from "vitest";

import {
  codeOf,
  fill,
  json,
  openTestServer,
  sendTo,
  signInAll,
  type SignedIn,
  type TestServer,
} from "./test-server.ts";

let opened: TestServer;
let viewer: SignedIn;
let staff: SignedIn;
let auditor: SignedIn;

beforeAll(async () => {
  opened = await openTestServer();
  await fill(opened.trail);
  ({ viewer, staff, auditor } = await signInAll(opened.server, sendTo(opened.server)));
});

afterAll(() => opened[Symbol.asyncDispose]());

interface Listed {
  readonly entries: readonly {
    readonly seq: number;
    readonly masked: readonly string[];
    readonly sentence: string;
    readonly event: Record<string, unknown>;
  }[];
}

const list = async (who: SignedIn, query: string): Promise<readonly number[]> => {
  const { entries } = await json<Listed>(
    await who.send(`/api/v1/entries?query=${encodeURIComponent(query)}&by=seq&direction=oldest`),
  );
  return entries.map(({ seq }) => seq);
};

const countOf = async (who: SignedIn, query: string): Promise<unknown> =>
  (await json<{ rows: { count: number }[] }>(await who.send(`/api/v1/counts?query=${encodeURIComponent(query)}`)))
    .rows[0]?.count;

/** What a tail from the start begins with: all vouchers, and the salary where it is shown. */
async function tailOf(who: SignedIn): Promise<string> {
  const response = await who.send("/api/v1/tail?from=0&query=-log:auditrail");
  const stream = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"V-3"')) text += (await stream.read()).value;
  await stream.cancel();
  return text;
}

test("personal data is left out, and said to be", async () => {
  const seen = await json<Listed["entries"][number]>(await viewer.send("/api/v1/entries/0"));
  expect(seen.masked.toSorted()).toEqual(["/actor/email", "/actor/name", "/data/note", "/targets/0/name"]);
  expect(JSON.stringify(seen)).not.toMatch(/Zelda|zelda1|allergic|spring/);
  expect(seen.sentence).toBe("user/1 applied voucher voucher/V-1");
  const whole = await json<Listed["entries"][number]>(await auditor.send("/api/v1/entries/0"));
  expect([whole.masked, whole.sentence]).toEqual([[], "Zelda 1 applied voucher spring"]);
  expect(await json(await staff.send("/api/v1/entries/0"))).toEqual(whole);
  for (const who of [staff, auditor]) {
    const asked = await json<Listed["entries"][number]>(await who.send("/api/v1/entries/0?reveal=false"));
    expect(asked.masked).toEqual(seen.masked);
  }
});

test.each([
  "actor.name:Zelda*",
  "-actor.email:zelda1@example.com",
  "has:target.name",
  "ip:10.0.0.1",
  "data.note:allergic",
  "(outcome:success OR -data.note:x)",
])("the query %s is refused to a viewer, and answered to staff and auditors", async (query) => {
  for (const path of ["entries", "counts", "histogram", "export", "tail", "facets", "entries/0/surrounding"]) {
    const fields = path === "facets" ? "&fields=action" : "";
    const asked = `/api/v1/${path}?query=${encodeURIComponent(query)}${fields}`;
    expect([path, await codeOf(await viewer.send(asked))]).toEqual([path, "QUERY_PERSONAL"]);
  }
  expect((await auditor.send(`/api/v1/entries?query=${encodeURIComponent(query)}`)).status).toBe(200);
  const inVouchers = `${query} log:voucher`;
  expect(await list(staff, inVouchers)).toEqual(await list(auditor, inVouchers));
});

interface Facets {
  readonly facets: readonly { readonly field: string }[];
  readonly leftOut: readonly object[];
}

test.each(["actor.name", "data.note", "userAgent"])(
  "grouping by %s is for staff, and refused to a viewer, who gets the facets of other fields",
  async (field) => {
    expect(await codeOf(await viewer.send(`/api/v1/counts?by=${field}`))).toBe("QUERY_PERSONAL");
    const facets = await json<Facets>(await viewer.send(`/api/v1/facets?fields=${field},action`));
    expect(facets.leftOut).toEqual([{ field, code: "QUERY_PERSONAL" }]);
    expect(facets.facets.map((facet) => facet.field)).toEqual(["action"]);
    expect((await json<Facets>(await staff.send(`/api/v1/facets?fields=${field},action`))).leftOut).toEqual([]);
    expect((await staff.send(`/api/v1/counts?by=${field}`)).status).toBe(200);
  },
);

test("words are found in what is shown, and masked words neither find nor hide anything", async () => {
  expect(await list(viewer, "till log:voucher")).toEqual([0, 1, 2]);
  for (const who of [staff, auditor]) expect(await list(who, "Zelda log:voucher")).toEqual([0, 1, 2]);
  expect(await list(viewer, "Zelda log:voucher")).toEqual([]);
  expect(await list(auditor, "-zelda1 log:voucher")).toEqual([1, 2]);
  expect(await list(viewer, "-zelda1 log:voucher")).toEqual([0, 1, 2]);
  expect(await list(viewer, "(allergic OR outcome:failure) log:voucher")).toEqual([2]);
  for (const [query, count] of [
    ["till", 3],
    ["zelda1 log:voucher", 0],
    ["-zelda1 log:voucher", 3],
  ] as const) {
    expect([query, await countOf(viewer, query)]).toEqual([query, count]);
  }
});

test("staff find what was done by whom, and group by it", async () => {
  expect(await list(staff, 'actor.email:zelda2@example.com OR actor.name:"Zelda 3"')).toEqual([1, 2]);
  const { rows } = await json<{ rows: unknown[] }>(
    await staff.send("/api/v1/counts?by=actor.name&query=log:voucher,salary"),
  );
  expect(rows).toHaveLength(3);
  expect(rows).toContainEqual({ keys: ["Zelda 1"], count: 1 });
});

test.each(["viewer", "staff"] as const)("restricted logs are left out of everything for %s", async (role) => {
  const reader = { viewer, staff }[role];
  for (const query of [
    "log:salary",
    "action:salary.raised",
    "seq:3",
    "actor:user/boss",
    "-log:voucher -log:auditrail",
  ]) {
    expect([query, await list(reader, query)]).toEqual([query, []]);
    expect([query, await countOf(reader, query)]).toEqual([query, 0]);
    expect([query, await list(auditor, query)]).toEqual([query, [3]]);
  }
  for (const path of ["entries/3", "entries/3/proof", "entries/3/surrounding"])
    expect(await codeOf(await reader.send(`/api/v1/${path}`))).toBe("ENTRY_NOT_FOUND");
  expect((await json<{ event: { id: string } }>(await auditor.send("/api/v1/entries/3"))).event.id).toBeTypeOf(
    "string",
  );
  const { id } = (await json<{ event: { id: string } }>(await auditor.send("/api/v1/entries/3"))).event;
  expect(await codeOf(await reader.send(`/api/v1/entries/${id}`))).toBe("ENTRY_NOT_FOUND");
  expect(await (await reader.send("/api/v1/export?query=-log:auditrail")).text()).not.toContain("salary");
  expect(await (await reader.send("/api/v1/timelines?target=user/1")).text()).not.toContain("salary");
  expect(await tailOf(reader)).not.toContain("salary");
  expect(await tailOf(auditor)).toContain("salary");
  expect(Object.keys((await json<{ logs: object }>(await reader.send("/api/v1/catalogue"))).logs)).not.toContain(
    "salary",
  );
  const facets = await (await reader.send("/api/v1/facets?fields=log,action")).text();
  expect(facets).toContain("voucher.applied");
  expect(facets).not.toContain("salary");
});

test("an embedded timeline shows one thing, as a viewer sees it, and no more", async () => {
  const made = await json<{ token: string; path: string }>(
    await viewer.send("/api/v1/embed-tokens", {
      method: "POST",
      json: { target: "voucher/V-1", expiresInSeconds: 60 },
    }),
  );
  const send = sendTo(opened.server);
  const headers = { authorization: `Bearer ${made.token}` };
  const response = await send(made.path, { headers });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  const { entries } = await json<Listed>(response);
  expect(entries.map(({ seq }) => seq)).toEqual([0]);
  expect(JSON.stringify(entries)).not.toContain("Zelda");
  expect(await codeOf(await send(`${made.path}?target=voucher/V-2`, { headers }))).toBe("EMBED_INVALID");
  expect((await send(`${made.path}?target=voucher/V-1`, { headers })).status).toBe(200);
  for (const path of ["/api/v1/entries", "/api/v1/entries/0", "/api/v1/people", "/api/v1/export"])
    expect([403, 401]).toContain((await send(path, { headers })).status);
  const [text, signature] = made.token.split(".");
  const other = Buffer.from(
    JSON.stringify({ id: "x", tenant: "default", of: "target", reference: "voucher/V-2", expiresAtMicros: 9e15 }),
  ).toString("base64url");
  for (const token of [`auditrail_embed_${other}.${signature}`, `${text}.${signature}x`, `${text}`]) {
    expect(await codeOf(await send(made.path, { headers: { authorization: `Bearer ${token}` } }))).toBe(
      "EMBED_INVALID",
    );
  }
  opened.clock.advance(61_000);
  expect(await codeOf(await send(made.path, { headers }))).toBe("EMBED_INVALID");
});

test("an embedded timeline shows names where whoever made its token may see them, and restricted logs never", async () => {
  const make = (by: SignedIn, of: object) =>
    by.send("/api/v1/embed-tokens", { method: "POST", json: { ...of, reveal: true } });
  expect(await codeOf(await make(viewer, { target: "voucher/V-1" }))).toBe("ACCESS_DENIED");
  const read = async (by: SignedIn, of: object) => {
    const { token, path } = await json<{ token: string; path: string }>(await make(by, of));
    const response = await sendTo(opened.server)(path, { headers: { authorization: `Bearer ${token}` } });
    return json<Listed>(response);
  };
  for (const by of [staff, auditor]) {
    expect(JSON.stringify(await read(by, { target: "voucher/V-1" }))).toContain("Zelda 1");
    expect((await read(by, { target: "user/1" })).entries).toEqual([]);
  }
});

test("reading is told: once at once, and like reads of a minute together", async () => {
  const query = "outcome:denied";
  const own = `action:auditrail.read,auditrail.revealed data.query:${query.replace(":", "*")}`;
  for (let times = 0; times < 4; times += 1) await viewer.send(`/api/v1/entries?query=${query}`);
  await expect.poll(async () => (await opened.trail.query(own)).entries).toHaveLength(1);
  opened.clock.advance(61_000);
  await viewer.send(`/api/v1/entries?query=${query}`);
  await expect.poll(async () => (await opened.trail.query(own)).entries).toHaveLength(3);
  const told = (await opened.trail.query(own, { order: { by: "seq", direction: "oldest" } })).entries;
  expect(told.map(({ event }) => event.collapsed?.count)).toEqual([undefined, 3, undefined]);
  expect(told[0]!.event).toMatchObject({
    actor: { type: "person", name: "vera" },
    data: { what: "entries", tenant: "default", query },
    context: { route: "GET /api/v1/entries" },
  });
});

test.each(["staff", "auditor"] as const)("what is revealed to %s is told to be", async (role) => {
  const reader = { staff, auditor }[role];
  const told = async (action: string) =>
    (await opened.trail.query(`action:auditrail.${action} actor:person/${reader.id} data.query:"seq:1"`)).entries;
  await reader.send("/api/v1/entries?query=seq:1");
  expect((await told("revealed")).map(({ event }) => event.actor.roles)).toEqual([[role]]);
  await reader.send("/api/v1/export?query=seq:1&format=csv");
  const data = { format: "csv", tenant: "default", query: "seq:1", entries: 1, personal: true };
  expect((await told("exported")).map(({ event }) => event.data)).toEqual([data]);
});

test.each([
  ["counts", "/api/v1/counts?by="],
  ["facets", "/api/v1/facets?fields="],
] as const)("%s by names are told as revealed, others as read", async (kind, path) => {
  const query = `seq:${kind === "counts" ? 77 : 78}`;
  const told = async (action: string) =>
    (await opened.trail.query(`action:auditrail.${action} actor:person/${auditor.id} data.query:"${query}"`)).entries;
  await auditor.send(`${path}outcome&query=${query}`);
  await expect.poll(async () => (await told("read")).length).toBe(1);
  expect(await told("revealed")).toEqual([]);
  await auditor.send(`${path}actor.name&query=${query}`);
  expect([(await told("read")).length, (await told("revealed")).length]).toEqual([1, 1]);
});

test("reading a trail that is not there makes none", async () => {
  await viewer.send("/api/v1/entries?tenant=nobody");
  expect((await opened.trail.trails()).map(({ tenant }) => tenant)).toEqual(["default"]);
});
