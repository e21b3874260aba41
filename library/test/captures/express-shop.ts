import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import express, { Router, type Express, type NextFunction, type Request, type Response } from "express";

import { auditRequests, requestOf } from "../../src/capture/express/index.ts";
import { originOf, userOf, type Served, type Shop, type StartShop } from "./shop.ts";

type ShopRequest = Request & { user?: string | undefined };

export const startExpressShop: StartShop = async ({ trail, options, place, brokenActor }) => {
  const app = express();
  app.post("/too-early", (_, response) => void response.send("nobody saw it"));
  const audit = auditRequests<ShopRequest>(trail, {
    ...options,
    actor: ({ user }) => {
      if (brokenActor) throw new Error("the session store is away");
      return userOf(user);
    },
  });
  app.use(audit);
  app.use(async (request: ShopRequest, _, next) => {
    await sleep(1);
    request.user = request.get("x-user");
    next();
  });
  app.use(express.json());
  addRoutes(app, place);
  app.use(audit.errors);
  app.use((error: Error & { status?: number }, _: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).send("sorry");
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: originOf(server.address()),
    inventory: () => audit.inventory(app),
    closeCapture: () => audit.close(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

function addRoutes(app: Express, place: Shop["place"]): void {
  const served = (request: Request): Served => ({
    audited: requestOf(request),
    params: request.params as Record<string, string>,
    body: request.body as unknown,
  });
  app.post("/orders/:id", async (request, response) => {
    await place(served(request));
    response.status(201).send("placed");
  });
  app.post("/orders", async (request, response) => {
    await place(served(request));
    response.status(201).send("placed");
  });
  app.post("/listened", (request, response) => {
    request.on("data", () => undefined);
    request.on("end", () => void place({ ...served(request), body: undefined }).then(() => response.send("done")));
  });
  app.get("/orders/:id", (_, response) => void response.send("an order"));
  app.all(
    "/private",
    (request: ShopRequest, response) => void response.sendStatus(request.user === undefined ? 401 : 403),
  );
  app.post("/broken", () => {
    throw new TypeError("no such shelf");
  });
  app.post("/invalid", () => Promise.reject(Object.assign(new Error("no such product"), { status: 422 })));
  app.get("/stream", async (request, response) => {
    response.write("one");
    await sleep(50);
    await place(served(request));
    response.end("two");
  });
  app.get("/endless", (_, response) => void response.write("one"));
  app.post("/silent", () => undefined);
  const vouchers = Router({ mergeParams: true });
  vouchers.post("/vouchers/:id", async (request, response) => {
    await place(served(request));
    response.send("done");
  });
  app.use("/shops/:shop", vouchers);
  app.get("/health", (_, response) => void response.send("well"));
  app.get("/vouchers/:id", (request, response) => {
    const audited = requestOf(request);
    audited.recordRead({ target: { type: "voucher", id: request.params.id }, data: { note: "at the till" } });
    response.json(audited.headers);
  });
}
