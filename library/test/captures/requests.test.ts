/** What capturing requests means, held over every framework with real sockets. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { defineCatalogue } from "../../src/event/catalogue.ts";
import type { Entry } from "../../src/event/entry.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { createTestTrail, failBeforeAppend, type TestTrail } from "../../src/testing/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { startExpressShop } from "./express-shop.ts";
import { startFastifyShop } from "./fastify-shop.ts";
import { startHonoShop } from "./hono-shop.ts";
import {
  ask,
  askAndLeave,
  catalogue,
  placeIn,
  postSlowly,
  waitForEntries,
  type RunningShop,
  type Shop,
  type StartShop,
} from "./shop.ts";

const frameworks: readonly (readonly [name: string, start: StartShop])[] = [
  ["hono", startHonoShop],
  ["express", startExpressShop],
  ["fastify", startFastifyShop],
];

describe.each(frameworks)("requests of %s", (_, start) => {
  let trail: TestTrail<NonNullable<typeof catalogue.actions>>;
  let shop: RunningShop | undefined;

  beforeEach(async () => {
    trail = await createTestTrail(catalogue);
  });
  afterEach(async () => {
    await shop?.close();
    await trail.close();
  });

  async function open(options: Shop["options"] = {}, more: Partial<Shop> = {}): Promise<string> {
    shop = await start({ trail, options, place: placeIn(trail), ...more });
    return shop.origin;
  }
  const requests = (count: number): Promise<readonly Entry[]> => waitForEntries(trail, "log:http", count);
  const onlyRequest = async (): Promise<Entry["event"]> => {
    const entries = await requests(1);
    expect(entries).toHaveLength(1);
    return entries[0]!.event;
  };

  test("a request is one operation: route, method, status, duration, who and where, and the cause of what its handler records", async () => {
    const origin = await open();
    const answer = await ask(`${origin}/orders/7?token=hunter2`, { user: "ida", headers: { "user-agent": "till/2" } });
    expect([answer.status, await answer.text()]).toEqual([201, "placed"]);
    const request = await onlyRequest();
    expect(request).toMatchObject({
      action: "http.requested",
      outcome: "success",
      actor: { type: "user", id: "ida" },
      data: { method: "POST", status: 201 },
      context: { source: "http", ip: "127.0.0.1", userAgent: "till/2", route: "/orders/:id" },
    });
    expect(request.durationMs).toBeGreaterThan(0);
    const [placed] = await waitForEntries(trail, "action:order.placed", 1);
    expect(placed!.event).toMatchObject({
      actor: { type: "user", id: "ida" },
      operationId: request.id,
      causationId: request.id,
      context: { ip: "127.0.0.1", route: "/orders/:id", requestId: request.id },
    });
    expect(JSON.stringify(request)).not.toContain("hunter2");
  });

  test("the context is still there after a body was read", async () => {
    const origin = await open();
    const headers = { "x-user": "ida", "content-type": "application/json" };
    expect(await postSlowly(`${origin}/orders`, headers, ['{"ite', 'ms":3}'])).toBe(201);
    const request = await onlyRequest();
    const [placed] = await waitForEntries(trail, "action:order.placed", 1);
    expect(placed!.event).toMatchObject({ operationId: request.id, actor: { id: "ida" }, data: { items: 3 } });
    expect(request.data).toEqual({ method: "POST", status: 201 });
  });

  test("the pattern of a mounted route is recorded whole, and no value of its parameters", async () => {
    const origin = await open();
    await ask(`${origin}/shops/north/vouchers/5`, { user: "ida" });
    const request = await onlyRequest();
    expect(request.context?.route).toBe("/shops/:shop/vouchers/:id");
    expect(JSON.stringify(request)).not.toContain("north");
  });

  test("who is not signed in is anonymous, and what is refused is denied, with the route it was meant for", async () => {
    const origin = await open();
    await ask(`${origin}/private`);
    await ask(`${origin}/private`, { method: "GET", user: "ida" });
    expect(
      (await requests(2)).map(({ event }) => [
        event.outcome,
        event.actor,
        event.data?.["status"],
        event.context?.route,
      ]),
    ).toEqual([
      ["denied", { type: "anonymous" }, 401, "/private"],
      ["denied", { type: "user", id: "ida" }, 403, "/private"],
    ]);
  });

  test("what a handler throws is recorded and answered as without us", async () => {
    const origin = await open();
    expect((await ask(`${origin}/broken`)).status).toBe(500);
    expect((await ask(`${origin}/invalid`)).status).toBe(422);
    const [broken, invalid] = (await requests(2)).map(({ event }) => event);
    expect(broken).toMatchObject({
      outcome: "failure",
      data: { status: 500 },
      error: { name: "TypeError", message: "no such shelf" },
      context: { route: "/broken" },
    });
    expect(invalid).toMatchObject({ outcome: "failure", data: { status: 422 }, error: { message: "no such product" } });
  });

  test("what no route answers is a failure without a route", async () => {
    const origin = await open();
    expect((await ask(`${origin}/nowhere/secret-word`, { method: "GET" })).status).toBe(404);
    const request = await onlyRequest();
    expect(request).toMatchObject({ action: "http.read", outcome: "failure", data: { method: "GET", status: 404 } });
    expect(request.context?.route).toBeUndefined();
    expect(JSON.stringify(request)).not.toContain("secret-word");
  });

  test("an answer that streams is recorded when it has ended, with what was recorded meanwhile", async () => {
    const origin = await open({ reads: ["/stream"] });
    const answer = await ask(`${origin}/stream`, { method: "GET", user: "ida" });
    expect(await answer.text()).toBe("onetwo");
    const request = await onlyRequest();
    expect(request).toMatchObject({ outcome: "success", data: { method: "GET", status: 200 } });
    expect(request.durationMs).toBeGreaterThanOrEqual(45);
    const [placed] = await waitForEntries(trail, "action:order.placed", 1);
    expect(placed!.event).toMatchObject({ operationId: request.id, actor: { id: "ida" } });
  });

  test("a client that leaves during the answer, or before it, leaves a request of which nobody knows how it ended", async () => {
    const origin = await open();
    await askAndLeave(`${origin}/endless`, "GET", "answered");
    await requests(1);
    await askAndLeave(`${origin}/silent`, "POST", "sent");
    const [during, before] = (await requests(2)).map(({ event }) => event);
    expect(during).toMatchObject({ outcome: "unknown", data: { method: "GET", status: 200, aborted: true } });
    expect(before).toMatchObject({ outcome: "unknown", data: { method: "POST", aborted: true } });
    expect(before!.data).not.toHaveProperty("status");
  });

  test("requests that only read are recorded where the options or the handler say so, and where they fail", async () => {
    const origin = await open({ reads: ["/health"] });
    await ask(`${origin}/orders/1`, { method: "GET" });
    await ask(`${origin}/orders/1`, { method: "HEAD" });
    await ask(`${origin}/health`, { method: "GET" });
    await ask(`${origin}/vouchers/9`, { method: "GET" });
    await ask(`${origin}/private`, { method: "GET" });
    const events = (await requests(3)).map(({ event }) => event);
    expect(events.map(({ context, action }) => [action, context?.route])).toEqual([
      ["http.read", "/health"],
      ["http.read", "/vouchers/:id"],
      ["http.read", "/private"],
    ]);
    expect(events[1]).toMatchObject({
      targets: [{ type: "voucher", id: "9" }],
      data: { method: "GET", status: 200, note: "at the till" },
    });
  });

  test("repeated reads of one actor are one entry and one with their number", async () => {
    const origin = await open({ reads: "all" });
    for (const user of ["ida", "ida", "ben", "ida", "ida"]) await ask(`${origin}/orders/1`, { method: "GET", user });
    await requests(2);
    await expect
      .poll(() => shop!.closeCapture().then(() => trail.count("log:http")))
      .toEqual([expect.objectContaining({ count: 3 })]);
    const [ida, ben, more] = (await requests(3)).map(({ event }) => event);
    expect([ida!.actor.id, ben!.actor.id, more!.actor.id]).toEqual(["ida", "ben", "ida"]);
    expect(ida!.collapsed).toBeUndefined();
    expect(more!.collapsed).toMatchObject({ count: 3 });
  });

  test("reads from different addresses are not counted together", async () => {
    const origin = await open({ trustedProxies: ["127.0.0.1"] });
    for (const address of ["198.51.100.1", "198.51.100.2"])
      await ask(`${origin}/nowhere`, { method: "GET", headers: { "x-forwarded-for": address } });
    expect((await requests(2)).map(({ event }) => event.context?.ip)).toEqual(["198.51.100.1", "198.51.100.2"]);
  });

  test("what is excluded is not recorded, whatever becomes of it, and the inventory says why", async () => {
    const origin = await open({
      reads: "all",
      exclude: [
        { route: "/health", reason: "asked every second by the load balancer" },
        { method: "HEAD", reason: "asked by link checkers" },
      ],
    });
    await ask(`${origin}/health`, { method: "GET" });
    await ask(`${origin}/orders/1`, { method: "HEAD" });
    await ask(`${origin}/orders/1`);
    expect((await onlyRequest()).data?.["method"]).toBe("POST");
    expect(itemOf("GET /health")).toMatchObject({
      captured: true,
      excluded: "asked every second by the load balancer",
    });
  });

  const itemOf = (name: string) => shop!.inventory().filter((item) => item.name === name)[0];

  test("the inventory lists every route once, with how often it was to be recorded and why it is not", async () => {
    const origin = await open();
    await ask(`${origin}/shops/north/vouchers/5`);
    await ask(`${origin}/orders/1`, { method: "GET" });
    await onlyRequest();
    expect(itemOf("POST /shops/:shop/vouchers/:id")).toMatchObject({ kind: "route", captured: true, runs: 1 });
    expect(itemOf("POST /broken")).toMatchObject({ captured: true, runs: 0 });
    expect(itemOf("GET /orders/:id")?.excluded).toContain("it only reads");
    const names = shop!.inventory().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("the client's address comes from trusted proxies only", async () => {
    const headers = { "x-forwarded-for": "198.51.100.9, 203.0.113.7" };
    const origin = await open();
    await ask(`${origin}/orders/1`, { headers });
    expect((await onlyRequest()).context?.ip).toBe("127.0.0.1");
    await shop!.close();
    const proxied = await open({ trustedProxies: ["127.0.0.0/8"] });
    await ask(`${proxied}/orders/1`, { headers });
    expect((await requests(2))[1]!.event.context?.ip).toBe("203.0.113.7");
  });

  test("request and trace ids come in where they are well-formed, and go out with the answer and with calls to others", async () => {
    const origin = await open();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const answer = await ask(`${origin}/vouchers/9`, {
      method: "GET",
      headers: { traceparent, tracestate: "vendor=1", "x-request-id": "edge-7" },
    });
    const { context } = await onlyRequest();
    expect(context).toMatchObject({ requestId: "edge-7", traceId });
    expect(context?.spanId).not.toBe("b7ad6b7169203331");
    const ours = `00-${traceId}-${context!.spanId}-01`;
    expect(answer.headers.get("x-request-id")).toBe("edge-7");
    expect(answer.headers.get("traceresponse")).toBe(ours);
    expect(await answer.json()).toEqual({ "x-request-id": "edge-7", traceparent: ours, tracestate: "vendor=1" });
  });

  test("ids that are not safe are replaced", async () => {
    const origin = await open();
    await ask(`${origin}/orders/1`, {
      headers: { traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01`, "x-request-id": "a b'; --" },
    });
    const { id, context } = await onlyRequest();
    expect(context?.requestId).toBe(id);
    expect(context?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
  });

  test("a function of the application that throws costs the actor, and neither the request nor its event", async () => {
    const origin = await open({}, { brokenActor: true });
    expect((await ask(`${origin}/orders/1`)).status).toBe(201);
    expect((await onlyRequest()).actor).toEqual({ type: "unknown" });
    expect(trail.health().unknownActors).toBeGreaterThan(0);
  });

  test("the application says whose trail it is, what else there is to say, and which trace is active", async () => {
    const trace = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    const origin = await open({ tenant: () => "north", data: () => ({ note: "by the till" }), trace: () => trace });
    const answer = await ask(`${origin}/orders/1`);
    expect(answer.headers.get("traceresponse")).toBe(`00-${trace.traceId}-${trace.spanId}-00`);
    await expect.poll(async () => (await trail.query("log:http", { tenant: "north" })).entries.length).toBe(1);
    const { entries } = await trail.query("", { tenant: "north" });
    expect(entries.map(({ event }) => event.action).toSorted()).toEqual(["http.requested", "order.placed"]);
    const request = entries.find(({ event }) => event.action === "http.requested")!.event;
    expect(request).toMatchObject({ data: { note: "by the till", status: 201 }, context: trace });
    expect(await requests(0)).toEqual([]);
  });

  test("what the catalogue refuses is left out of the event, which says so", async () => {
    const origin = await open({ data: () => ({ methods: "canary-5f1c" }) });
    await ask(`${origin}/orders/1`);
    const request = await onlyRequest();
    expect(request).toMatchObject({ severity: "warning", data: { method: "POST", status: 201 } });
    expect(request.message).toBe(
      'What the application said of this request was left out: data has no member "methods" in the catalogue. Did you mean "method"?',
    );
    expect(JSON.stringify(request)).not.toContain("canary-5f1c");
    expect(trail.health().refused).toBe(0);
  });

  test("answers go out while nothing can be recorded, and what was not recorded is counted", async () => {
    const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
    const failing = await openTrail({ catalogue, store, exitHooks: false });
    shop = await start({ trail: failing as never, options: {}, place: async () => undefined });
    store.fail();
    expect((await ask(`${shop.origin}/orders/1`)).status).toBe(201);
    await expect.poll(() => failing.health().lost).toBe(1);
    store.mend();
    await failing.close();
    // Also after the trail was closed, which is a mistake of the application, requests are served.
    expect((await ask(`${shop.origin}/orders/1`)).status).toBe(201);
    await expect.poll(() => failing.health().refused).toBe(1);
  });

  test("what cannot be set up says so where it is set up", async () => {
    await expect(open({ exclude: [{ route: "/health", reason: " " }] })).rejects.toMatchObject({
      code: "OPTION_INVALID",
    });
    await expect(open({ exclude: [{ reason: "none" }] })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(open({ reads: "some" as never })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(open({ trustedProxies: ["somewhere"] })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(open({ raeds: "all" } as never)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
    const bare = await createTestTrail(defineCatalogue());
    await expect(start({ trail: bare as never, options: {}, place: async () => undefined })).rejects.toMatchObject({
      code: "ACTION_UNKNOWN",
    });
  });
});

test("a route that was registered before the capture is listed as not captured", async () => {
  for (const start of [startHonoShop, startExpressShop]) {
    const trail = await createTestTrail(catalogue);
    const shop = await start({ trail, options: {}, place: placeIn(trail) });
    expect((await ask(`${shop.origin}/too-early`)).status).toBe(200);
    expect(shop.inventory().find(({ name }) => name === "POST /too-early")).toMatchObject({ captured: false, runs: 0 });
    await shop.close();
    await trail.close();
  }
});

test("listeners of an Express request, in which parsers of bodies work, have its context", async () => {
  const trail = await createTestTrail(catalogue);
  const shop = await startExpressShop({ trail, options: {}, place: placeIn(trail) });
  await postSlowly(`${shop.origin}/listened`, { "x-user": "ida" }, ["one", "two"]);
  const [request] = await waitForEntries(trail, "log:http", 1);
  const [placed] = await waitForEntries(trail, "action:order.placed", 1);
  expect(placed!.event).toMatchObject({ actor: { id: "ida" }, operationId: request!.event.id });
  await shop.close();
  await trail.close();
});
