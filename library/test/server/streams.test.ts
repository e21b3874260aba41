/** Following, exporting, taking in: what is long, large, or too much. */

import { connect } from "node:net";

import { describe, expect, test } from "vitest";

import { createIdSource } from "../../src/base/ids.ts";
import { systemClock } from "../../src/base/time.ts";
import { serveNode } from "../../src/server/serve-node.ts";
import {
  codeOf,
  fill,
  json,
  makeKey,
  openTestServer,
  requestOf,
  sendTo,
  setUp,
  signInAll,
  withKey,
  type Send,
} from "./test-server.ts";

/** Reads server-sent events until one satisfies `isLast`. */
async function readEvents(response: Response, isLast: (event: string) => boolean): Promise<readonly string[]> {
  const events: string[] = [];
  let rest = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return events;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop()!;
    events.push(...parts);
    if (!parts.some(isLast)) continue;
    await reader.cancel();
    return events;
  }
}

const idOf = (event: string): number => Number(/^id: (\d+)$/m.exec(event)?.[1]);

describe("the live tail", () => {
  test("gives what arrives, and goes on after the last entry that the client has", async () => {
    await using opened = await openTestServer();
    await fill(opened.trail);
    const { viewer } = await signInAll(opened.server, sendTo(opened.server));
    const path = "/api/v1/tail?query=log:voucher";
    const response = await viewer.send(path);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const arriving = readEvents(response, (event) => event.includes("event: entry"));
    await opened.trail.record(
      "voucher.applied" as never,
      { actor: { type: "user", id: "new", name: "Zelda" } } as never,
    );
    const events = await arriving;
    expect(events[0]).toContain("event: open");
    const last = events.at(-1)!;
    expect(JSON.parse(/^data: (.*)$/m.exec(last)![1]!)).toMatchObject({
      seq: idOf(last),
      masked: ["/actor/name"],
      log: "voucher",
    });
    for (const id of ["a", "b"])
      await opened.trail.record("voucher.applied" as never, { actor: { type: "user", id } } as never);
    await opened.trail.record("salary.raised" as never, { actor: { type: "user", id: "boss" } } as never);
    const resumed = await viewer.send(path, { headers: { "last-event-id": String(idOf(last)) } });
    const missed = await readEvents(resumed, (event) => event.includes('"id":"b"'));
    expect(
      missed
        .filter((event) => event.includes("event: entry"))
        .map((event) => /"actor":\{"id":"(\w+)"/.exec(event)?.[1]),
    ).toEqual(["a", "b"]);
  });

  test("takes no more clients than it can serve, and forgets those that leave", async () => {
    await using opened = await openTestServer({ limits: { tails: 2 } });
    const { viewer } = await signInAll(opened.server, sendTo(opened.server));
    const open = [await viewer.send("/api/v1/tail"), await viewer.send("/api/v1/tail")];
    const refused = await viewer.send("/api/v1/tail");
    expect([refused.status, refused.headers.get("retry-after"), await codeOf(refused)]).toEqual([
      503,
      "1",
      "SERVER_BUSY",
    ]);
    await open[0]!.body!.cancel();
    const again = await viewer.send("/api/v1/tail");
    expect(again.status).toBe(200);
    await Promise.all([open[1]!.body!.cancel(), again.body!.cancel()]);
    for (let times = 0; times < 3; times += 1) {
      expect((await viewer.send("/api/v1/tail", { method: "HEAD" })).status).toBe(200);
      expect(await (await viewer.send("/api/v1/export", { method: "HEAD" })).text()).toBe("");
    }
    const last = await viewer.send("/api/v1/tail", { headers: { "accept-encoding": "gzip" } });
    expect([last.status, last.headers.get("content-encoding")]).toEqual([200, null]);
    await last.body!.cancel();
  });

  test("ends with the session, and keeps none alive", async () => {
    await using opened = await openTestServer();
    const { viewer } = await signInAll(opened.server, sendTo(opened.server));
    const record = (id: string) =>
      opened.trail.record("voucher.applied" as never, { actor: { type: "user", id } } as never);
    const seen = readEvents(await viewer.send("/api/v1/tail?query=log:voucher"), () => false);
    await record("before");
    await new Promise((resolve) => setTimeout(resolve, 400));
    opened.clock.advance(31 * 60_000);
    await record("after");
    const text = (await seen).join();
    expect(text).toContain('"before"');
    expect(text).not.toContain('"after"');
  });
});

describe("what is long", () => {
  test("ends when its reader is given less, and goes on with what they may see then", async () => {
    await using opened = await openTestServer();
    const { administrator, auditor } = await signInAll(opened.server, sendTo(opened.server));
    const record = (id: string) =>
      opened.trail.record("voucher.applied" as never, { actor: { type: "user", id, name: `Canary ${id}` } } as never);
    const asked = "/api/v1/tail?query=log:voucher";
    const tail = await auditor.send(asked);
    const whole = readEvents(tail, () => false);
    await record("before");
    await new Promise((resolve) => setTimeout(resolve, 400));
    const changed = await administrator.send(`/api/v1/people/${auditor.id}`, {
      method: "PATCH",
      json: { roles: ["viewer"] },
    });
    expect(changed.status).toBe(200);
    await record("after");
    const seen = await whole;
    const before = seen.find((event) => event.includes("Canary before"))!;
    expect(seen.join()).not.toContain("after");
    const from = idOf(before) + 1;
    const again = await readEvents(await auditor.send(`${asked}&from=${from}`), (event) => event.includes("after"));
    expect(again.join()).toContain('"id":"after"');
    expect(again.join()).not.toContain("Canary");
  });
});

const events = (...all: object[]) => ({ method: "POST", json: { events: all } });

describe("events over HTTP", () => {
  async function openWriter(
    maxWaiting?: number,
  ): Promise<{ opened: Awaited<ReturnType<typeof openTestServer>>; send: Send }> {
    const opened = await openTestServer({}, maxWaiting === undefined ? {} : { maxWaiting });
    const administrator = await setUp(opened.server, sendTo(opened.server));
    return { opened, send: withKey(sendTo(opened.server), await makeKey(administrator, ["events:write"])) };
  }

  test("are recorded once, however often they are sent", async () => {
    const { opened, send } = await openWriter();
    await using _ = opened;
    const id = createIdSource(systemClock)();
    const batch = events({ id, action: "voucher.applied", actor: { type: "user", id: "1" } });
    const first = await json(await send("/api/v1/events", batch));
    expect(first).toMatchObject({ recorded: 1, refused: 0, results: [{ status: "recorded", id }] });
    expect(await json(await send("/api/v1/events", batch))).toEqual(first);
    const other = await send(
      "/api/v1/events",
      events({ id, action: "voucher.applied", actor: { type: "user", id: "2" } }),
    );
    expect([other.status, await json(other)]).toMatchObject([
      207,
      { results: [{ status: "refused", id, error: { code: "ID_CONFLICT" } }] },
    ]);
    expect((await opened.trail.count("log:voucher"))[0]!.count).toBe(1);
  });

  test("are each judged by their own", async () => {
    const { opened, send } = await openWriter();
    await using _ = opened;
    const response = await send(
      "/api/v1/events",
      events(
        { action: "voucher.applied" },
        { action: "vouchr.applied" },
        { action: "voucher.applied", data: { nonsense: 1 } },
        { action: "voucher.applied", wrong: 1 },
        { action: "auditrail.pruned" },
        { action: "voucher.other" },
      ),
    );
    expect(response.status).toBe(207);
    const { results } = await json<{ results: { status: string; error?: { code: string } }[] }>(response);
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      "recorded",
      "ACTION_UNKNOWN",
      "EVENT_INVALID",
      "EVENT_INVALID",
      "ACCESS_DENIED",
      "recorded",
    ]);
    const [entry] = (await opened.trail.query("action:voucher.other")).entries;
    expect(entry!.event.actor).toMatchObject({ type: "api-key", name: "a program" });
  });

  test("are refused as a whole, to be sent again, when too many are waiting", async () => {
    const { opened, send } = await openWriter(50);
    await using _ = opened;
    const stuck = Promise.withResolvers<void>();
    const append = opened.store.append;
    // A store that takes its time: what is waiting piles up.
    Object.assign(opened.store, {
      append: async (...given: Parameters<typeof append>) => (await stuck.promise, append(...given)),
    });
    const many = Array.from({ length: 200 }, () => ({ action: "voucher.applied" }));
    // One batch is being written, one waits.
    const first: Promise<Response>[] = [];
    for (const batch of [many.slice(0, 50), many.slice(0, 50)]) {
      first.push(send("/api/v1/events", events(...batch)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const refused = await send("/api/v1/events", events(...many));
    expect([refused.status, refused.headers.get("retry-after"), await codeOf(refused)]).toEqual([
      503,
      "1",
      "TRAIL_OVERLOADED",
    ]);
    expect((await sendTo(opened.server)("/health/live")).status).toBe(200);
    stuck.resolve();
    for (const answer of first) expect(await json(await answer)).toMatchObject({ recorded: 50 });
    expect((await send("/api/v1/events", events({ action: "voucher.applied" }))).status).toBe(200);
  });

  test("are refused when they are too many, too large, or no JSON", async () => {
    await using opened = await openTestServer({ mostBodyBytes: 1_000 });
    const administrator = await setUp(opened.server, sendTo(opened.server));
    const key = await makeKey(administrator, ["events:write"]);
    const send = withKey(sendTo(opened.server), key);
    expect(
      await codeOf(await send("/api/v1/events", events({ action: "voucher.applied", message: "x".repeat(2_000) }))),
    ).toBe("REQUEST_TOO_LARGE");
    expect(await codeOf(await send("/api/v1/events", { method: "POST", json: { events: [] } }))).toBe(
      "REQUEST_INVALID",
    );
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(600)) });
    const streamed = new Request("http://audit.test/api/v1/events", {
      method: "POST",
      headers,
      body: endless,
      duplex: "half",
    } as RequestInit);
    expect(await codeOf(await opened.server.fetch(streamed))).toBe("REQUEST_TOO_LARGE");
    const broken = new Request("http://audit.test/api/v1/events", { method: "POST", headers, body: "{" });
    expect(await codeOf(await opened.server.fetch(broken))).toBe("REQUEST_INVALID");
  });
});

describe("a server that closes", () => {
  test("finishes what is under way, ends tails, and tells what was read", async () => {
    await using opened = await openTestServer();
    await fill(opened.trail);
    const node = await serveNode(opened.server, { closeTimeoutMs: 5_000 });
    const { viewer } = await signInAll(opened.server, (path, init) => fetch(requestOf(node.url + path, init)));
    const tail = readEvents(await viewer.send("/api/v1/tail"), () => false);
    const page = opened.store.page;
    const slow = Promise.withResolvers<void>();
    Object.assign(opened.store, {
      page: async (...given: Parameters<typeof page>) => (await slow.promise, page(...given)),
    });
    const answered = viewer.send("/api/v1/entries?limit=1");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = node.close();
    slow.resolve();
    expect((await answered).status).toBe(200);
    expect((await tail)[0]).toContain("event: open");
    await closed;
    await expect(fetch(`${node.url}/health/live`)).rejects.toThrow();
  });

  test("does not wait for ever for who sends nothing", async () => {
    await using opened = await openTestServer();
    const node = await serveNode(opened.server, { requestTimeoutMs: 600 });
    const socket = connect(Number(new URL(node.url).port), "127.0.0.1");
    socket.write(
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    );
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString())).on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await node.close();
  });
});
