import { Agent, createServer, request as httpRequest, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { getRequestListener } from "@hono/node-server";
import { defineCatalogue, openTrail } from "auditrail";
import { auditRequests as auditExpress } from "auditrail/express";
import { auditRequests as auditFastify } from "auditrail/fastify";
import { auditRequests as auditHono, requestLog } from "auditrail/hono";
import { openSqliteStore } from "auditrail/sqlite";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";

import { round } from "../machine.ts";
import type { Scenario } from "./scenario.ts";

const catalogue = defineCatalogue(requestLog());
const openRequestTrail = async (directory: string, name: string) =>
  openTrail({
    catalogue,
    store: await openSqliteStore({ file: join(directory, `${name}.db`), createIfMissing: true }),
  });
type RequestTrail = Awaited<ReturnType<typeof openRequestTrail>>;

/** Applications with one route that answers a few bytes: whatever a real handler does makes the share of a capture smaller. */
const applications: Readonly<Record<string, (trail: RequestTrail | undefined) => Promise<RequestListener>>> = {
  async hono(trail) {
    const app = new Hono();
    if (trail !== undefined) app.use(auditHono(trail));
    app.on(["GET", "POST"], "/orders/:id", (c) => c.text("placed"));
    return getRequestListener(app.fetch) as RequestListener;
  },
  async express(trail) {
    const app = express();
    if (trail !== undefined) app.use(auditExpress(trail));
    app.all("/orders/:id", (_, response) => void response.send("placed"));
    return app;
  },
  async fastify(trail) {
    const app = fastify();
    if (trail !== undefined) await app.register(auditFastify(trail));
    app.all("/orders/:id", () => Promise.resolve("placed"));
    await app.ready();
    return app.routing as RequestListener;
  },
};

/**
 * What capturing a request costs, with a durable store behind, against no capture at all: one that is recorded (POST), and one that
 * has a context but is not recorded (a GET that succeeds).
 */
export const requestCaptures: Scenario = {
  name: "request-captures",
  says: "requests a second with their capture, against without (target 0.5 where recorded, 0.85 where not); handlers do nothing",
  async run({ directory, factor, say }) {
    const count = Math.max(500, Math.round(20_000 * factor));
    const ratios: Record<string, number> = {};
    for (const [name, build] of Object.entries(applications)) {
      const best = { off: 0, POST: 0, GET: 0 };
      // In turns, so that whatever else the machine does meets all of them.
      for (let turn = 0; turn < 4; turn += 1) {
        best.off = Math.max(best.off, await measure(await build(undefined), "POST", count));
        for (const method of ["POST", "GET"] as const) {
          const trail = await openRequestTrail(directory, `${name}-${method}-${turn}`);
          best[method] = Math.max(best[method], await measure(await build(trail), method, count));
          await trail.flush();
          await assertKept(trail, method === "POST" ? count + warmUp : 0);
          await trail.close();
        }
      }
      const cost = (method: "POST" | "GET") => `${round(1e6 / best[method] - 1e6 / best.off, 1)} µs`;
      say(
        `${name}: ${round(best.off, 0)} a second without; recorded ${cost("POST")} more each, not recorded ${cost("GET")}`,
      );
      ratios[`${name}Recorded`] = best.POST / best.off;
      ratios[`${name}NotRecorded`] = best.GET / best.off;
    }
    const targets = Object.keys(ratios).map((key) => [key, key.endsWith("NotRecorded") ? 0.85 : 0.5] as const);
    return { ratios, targets: Object.fromEntries(targets) };
  },
};

async function assertKept(trail: RequestTrail, expected: number): Promise<void> {
  const [kept] = await trail.count("log:http");
  if ((kept?.count ?? 0) !== expected) throw new Error(`${kept?.count} of ${expected} requests were kept`);
}

const inFlight = 32;
/** Requests before the clock starts: measure compiled code. */
const warmUp = 500;

async function measure(listener: RequestListener, method: string, count: number): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  await askMany(server, agent, method, warmUp);
  const started = performance.now();
  await askMany(server, agent, method, count);
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  await new Promise((resolve) => server.close(resolve));
  return count / seconds;
}

async function askMany(server: Server, agent: Agent, method: string, count: number): Promise<void> {
  const { port } = server.address() as AddressInfo;
  let left = count;
  const askNext = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await new Promise<void>((resolve, reject) => {
        const asked = httpRequest({ port, agent, method, path: "/orders/1042" }, (answer) => {
          answer.resume().on("end", resolve);
        });
        asked.on("error", reject).end();
      });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, askNext));
}
