/** The same requests, however the server is mounted: what HTTP clients may rely on. */

import { createServer as createHttpServer, type Server } from "node:http";

import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";

import { routes } from "../../src/server/routes.ts";
import { createNodeHandler, serveNode } from "../../src/server/serve-node.ts";
import {
  fill,
  makeKey,
  openTestServer,
  requestOf,
  sendTo,
  signInAll,
  withKey,
  json,
  type Send,
  type SignedIn,
  type TestServer,
} from "./test-server.ts";

interface Mounted {
  readonly send: Send;
  close(): Promise<void>;
}

const overHttp =
  (origin: string): Send =>
  (path, init) =>
    fetch(requestOf(origin + path, init));

async function listening(http: Server): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(http.address() as { port: number }).port}`;
}

async function served(http: Server, prefix: string): Promise<Mounted> {
  const origin = await listening(http);
  const close = async (): Promise<void> => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  return { send: overHttp(origin + prefix), close };
}

const mounts: Readonly<Record<string, { readonly prefix: string; mount(opened: TestServer): Promise<Mounted> }>> = {
  "the bare handler": {
    prefix: "",
    mount: async ({ server }) => ({ send: sendTo(server), close: async () => undefined }),
  },
  "the bare handler under a prefix": {
    prefix: "/tools/audit",
    mount: async ({ server }) => ({ send: sendTo(server, "/tools/audit"), close: async () => undefined }),
  },
  "Node's http": {
    prefix: "",
    async mount({ server }) {
      const node = await serveNode(server);
      return { send: overHttp(node.url), close: () => node.close() };
    },
  },
  "an own http server": {
    prefix: "/audit",
    mount: async ({ server }) => {
      const handler = await createNodeHandler(server);
      return served(
        createHttpServer((request, response) => void handler(request, response)),
        "/audit",
      );
    },
  },
  Hono: {
    prefix: "/audit",
    async mount({ server }) {
      const app = new Hono()
        .all("/audit/*", (context) => server.fetch(context.req.raw))
        .all("*", (context) => context.text("the application", 418));
      return {
        send: async (path, init) => app.fetch(requestOf(`http://app.test/audit${path}`, init)),
        close: async () => undefined,
      };
    },
  },
  "Express 5": {
    prefix: "/audit",
    async mount({ server }) {
      const app = express();
      app.use("/audit", await createNodeHandler(server));
      app.use((_request, response) => void response.status(418).send("the application"));
      return served(createHttpServer(app), "/audit");
    },
  },
  "Fastify 5": {
    prefix: "/audit",
    async mount({ server }) {
      const handler = await createNodeHandler(server);
      const app = Fastify();
      await app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
        scope.all("/audit/*", (request, reply) => {
          reply.hijack();
          void handler(request.raw, reply.raw);
        });
      });
      const origin = await app.listen({ port: 0, host: "127.0.0.1" });
      return { send: overHttp(`${origin}/audit`), close: () => app.close() };
    },
  },
};

/** Holds an answer to the schema that the table gives its route. */
async function answerOf<Shape = Record<string, unknown>>(name: string, response: Response): Promise<Shape> {
  const { answer } = routes.find((route) => route.name === name)!;
  const body = await json(response);
  expect({ status: response.status, body }).toMatchObject({ status: answer.status });
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  (answer.schema as z.ZodType).parse(body);
  return body as Shape;
}

interface Listed {
  readonly entries: readonly {
    readonly seq: number;
    readonly event: { readonly action: string; readonly actor: { readonly id: string; readonly name?: string } };
  }[];
  readonly next: string | null;
}

describe.each(Object.entries(mounts))("%s", (_name, { prefix, mount }) => {
  let opened: TestServer;
  let mounted: Mounted;
  let viewer: SignedIn;
  let auditor: SignedIn;
  let administrator: SignedIn;
  let writer: Send;

  beforeAll(async () => {
    opened = await openTestServer({ prefix });
    await fill(opened.trail);
    mounted = await mount(opened);
    ({ viewer, auditor, administrator } = await signInAll(opened.server, mounted.send));
    writer = withKey(mounted.send, await makeKey(administrator, ["events:write"]));
  });

  afterAll(async () => {
    await mounted.close();
    await opened[Symbol.asyncDispose]();
  });

  const vouchers = "query=action:voucher.applied";

  test("pages go on where the page before ended, and end", async () => {
    const first = await answerOf<Listed>("listEntries", await viewer.send(`/api/v1/entries?${vouchers}&limit=2`));
    expect(first.entries.map(({ seq }) => seq)).toEqual([2, 1]);
    const path = `/api/v1/entries?${vouchers}&limit=2&cursor=${first.next}`;
    const second = await answerOf<Listed>("listEntries", await viewer.send(path));
    expect([second.entries.map(({ seq }) => seq), second.next]).toEqual([[0], null]);
  });

  test("an entry is found by position and by id, with its neighbours", async () => {
    const entry = await answerOf<{ event: { id: string } }>("readEntry", await viewer.send("/api/v1/entries/1"));
    expect(await answerOf("readEntry", await viewer.send(`/api/v1/entries/${entry.event.id}`))).toEqual(entry);
    const around = await answerOf<Record<"before" | "after", { seq: number }[]>>(
      "listSurrounding",
      await viewer.send("/api/v1/entries/1/surrounding?before=5&after=1"),
    );
    expect([around.before, around.after].map((list) => list.map(({ seq }) => seq))).toEqual([[0], [2]]);
  });

  test("an entry that the client has is not sent again", async () => {
    const first = await viewer.send("/api/v1/entries/0");
    const etag = first.headers.get("etag")!;
    await first.body?.cancel();
    const again = await viewer.send("/api/v1/entries/0", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("counts, facets, histogram and timelines say the same", async () => {
    const counts = await answerOf("countEntries", await viewer.send(`/api/v1/counts?${vouchers}&by=outcome`));
    expect(counts).toEqual({
      rows: [
        { keys: ["failure"], count: 1 },
        { keys: ["success"], count: 2 },
      ],
      complete: true,
    });
    const facets = await answerOf(
      "listFacets",
      await viewer.send(`/api/v1/facets?${vouchers}&fields=outcome,actor&limit=1`),
    );
    expect(facets).toMatchObject({
      facets: [
        { field: "outcome", values: [{ value: "success", count: 2 }], others: 1 },
        { field: "actor", others: 2 },
      ],
    });
    const histogram = await answerOf("readHistogram", await viewer.send(`/api/v1/histogram?${vouchers}`));
    expect(histogram).toMatchObject({
      bucket: "minute",
      bars: [{ begins: "2026-01-01T00:00:00.000000Z", count: 3, outcomes: { success: 2, failure: 1 } }],
    });
    for (const asked of ["actor=user/2", "target=voucher/V-2", "operation=run-2"]) {
      const timeline = await answerOf<Listed>(
        "listTimeline",
        await viewer.send(`/api/v1/timelines?${asked}&${vouchers}`),
      );
      expect(timeline.entries.map(({ seq }) => seq)).toEqual([1]);
    }
  });

  test("the catalogue, tenants, trust and checkpoints are as their schemas have them", async () => {
    const { logs } = await answerOf<{ logs: object }>("readCatalogue", await viewer.send("/api/v1/catalogue"));
    expect(Object.keys(logs).toSorted()).toEqual(["auditrail", "voucher"]);
    await answerOf("listTenants", await viewer.send("/api/v1/tenants"));
    expect(await answerOf("readTrust", await viewer.send("/api/v1/trust"))).toMatchObject({
      sealing: "absent",
      gaps: 0,
      checkpoint: null,
    });
    expect(await answerOf("listCheckpoints", await viewer.send("/api/v1/checkpoints"))).toEqual({
      checkpoints: [],
      next: null,
    });
  });

  test("events are taken in, and a proof of each is given", async () => {
    const sent = await answerOf<{ results: { seq: number; hash: string }[] }>(
      "recordEvents",
      await writer("/api/v1/events", { method: "POST", json: { events: [{ action: "voucher.applied" }] } }),
    );
    const { seq, hash } = sent.results[0]!;
    expect(await answerOf("readProof", await viewer.send(`/api/v1/entries/${seq}/proof`))).toMatchObject({
      seq,
      leafHash: hash,
      checkpoint: null,
    });
  });

  test("people, keys and searches are as their schemas have them", async () => {
    await answerOf("readSession", await viewer.send("/api/v1/session"));
    await answerOf("listPeople", await administrator.send("/api/v1/people"));
    await answerOf("listKeys", await administrator.send("/api/v1/keys"));
    const saved = await answerOf<{ id: string }>(
      "createSearch",
      await viewer.send("/api/v1/searches", {
        method: "POST",
        json: { name: "failures", query: "-outcome:success", view: { columns: ["time"] } },
      }),
    );
    expect(await answerOf("listSearches", await viewer.send("/api/v1/searches"))).toMatchObject({
      searches: [{ name: "failures" }],
    });
    expect(await answerOf("listSearches", await auditor.send("/api/v1/searches"))).toEqual({ searches: [] });
    expect((await viewer.send(`/api/v1/searches/${saved.id}`, { method: "DELETE" })).status).toBe(204);
  });

  test("an export is streamed whole", async () => {
    const response = await auditor.send(`/api/v1/export?${vouchers}`);
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Listed["entries"][number]);
    expect(lines.map(({ seq }) => seq).slice(0, 3)).toEqual([0, 1, 2]);
    expect(lines[0]!.event.actor.name).toBe("Zelda 1");
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="auditrail-default-2026-01-01.jsonl"',
    );
  });

  test("large answers are compressed for those who take that, and short ones are not", async () => {
    const encodingOf = async (path: string) => {
      const response = await viewer.send(path, { headers: { "accept-encoding": "gzip" } });
      await response.body?.cancel();
      return [response.headers.get("content-encoding"), response.headers.get("vary")];
    };
    expect(await encodingOf("/api/v1/openapi.json")).toEqual(["gzip", expect.stringMatching(/accept-encoding/i)]);
    expect(await encodingOf("/health/live")).toEqual([null, "accept-encoding"]);
  });

  test("every answer forbids to be sniffed, framed and kept", async () => {
    for (const path of ["/api/v1/session", "/api/v1/none", "/api/v1/entries", "/none"]) {
      const { headers, body } = await mounted.send(path);
      await body?.cancel();
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  });

  test("the place that the one-time link leads to is a page", async () => {
    const response = await mounted.send("/");
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("<h1>Auditrail</h1>")]);
  });

  test("no method but those of the table is answered, on any path", async () => {
    for (const path of [
      "/api/v1/entries",
      "/api/v1/entries/0",
      "/api/v1/entries/0/proof",
      "/api/v1/export",
      "/api/v1/checkpoints",
    ]) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const response = await administrator.send(path, { method, json: {} });
        expect([response.status, await json(response)]).toMatchObject([405, { error: { code: "METHOD_NOT_ALLOWED" } }]);
        expect(response.headers.get("allow")).toBe("GET, HEAD");
      }
    }
    for (const method of ["PUT", "PATCH", "DELETE"])
      expect((await writer("/api/v1/events", { method, json: {} })).status).toBe(405);
  });
});
