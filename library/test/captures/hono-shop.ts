import { setTimeout as sleep } from "node:timers/promises";

import { serve, type ServerType } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { stream } from "hono/streaming";

import { auditRequests, requestOf } from "../../src/capture/hono/index.ts";
import { originOf, userOf, type Served, type Shop, type StartShop } from "./shop.ts";

type Env = { Variables: { user: string | undefined } };

export const startHonoShop: StartShop = async ({ trail, options, place, brokenActor }) => {
  const app = new Hono<Env>();
  app.post("/too-early", (c) => c.text("nobody saw it"));
  const audit = auditRequests<Context<Env>>(trail, {
    ...options,
    actor: (c) => {
      if (brokenActor) throw new Error("the session store is away");
      return userOf(c.get("user"));
    },
  });
  app.use(audit);
  app.use(async (c, next) => {
    await sleep(1);
    c.set("user", c.req.header("x-user"));
    await next();
  });
  addRoutes(app, place);
  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  return {
    origin: originOf(server.address()),
    inventory: () => audit.inventory(app),
    closeCapture: () => audit.close(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
      }),
  };
};

function addRoutes(app: Hono<Env>, place: Shop["place"]): void {
  const served = (c: Context<Env>, body?: unknown): Served => ({
    ...{ audited: requestOf(c), params: c.req.param() as Record<string, string>, body },
  });
  app.post("/orders/:id", async (c) => {
    await place(served(c));
    return c.text("placed", 201);
  });
  app.post("/orders", async (c) => {
    await place(served(c, await c.req.json()));
    return new Response("placed", { status: 201 });
  });
  app.get("/orders/:id", (c) => c.text("an order"));
  app.use("/private", async (c) => c.text("no", c.get("user") === undefined ? 401 : 403));
  app.on(["GET", "POST"], "/private", (c) => c.text("never"));
  app.post("/broken", () => {
    throw new TypeError("no such shelf");
  });
  app.post("/invalid", () => {
    throw new HTTPException(422, { message: "no such product" });
  });
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text("sorry", 500)));
  app.get("/stream", (c) =>
    stream(c, async (out) => {
      await out.write("one");
      await sleep(50);
      await place(served(c));
      await out.write("two");
    }),
  );
  app.get("/endless", (c) =>
    stream(c, async (out) => {
      await out.write("one");
      await new Promise((resolve) => out.onAbort(() => resolve(undefined)));
    }),
  );
  app.post("/silent", () => new Promise<Response>(() => undefined));
  const vouchers = new Hono<Env>();
  vouchers.post("/vouchers/:id", async (c) => {
    await place(served(c));
    return c.text("done");
  });
  app.route("/shops/:shop", vouchers);
  app.get("/health", (c) => c.text("well"));
  app.get("/vouchers/:id", (c) => {
    requestOf(c).recordRead({ target: { type: "voucher", id: c.req.param("id") }, data: { note: "at the till" } });
    return c.json(requestOf(c).headers);
  });
}
