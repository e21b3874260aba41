import { setTimeout as sleep } from "node:timers/promises";

import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";

import { auditRequests, requestOf } from "../../src/capture/fastify/index.ts";
import { originOf, userOf, type Served, type Shop, type StartShop } from "./shop.ts";

type ShopRequest = FastifyRequest & { user?: string | undefined };

export const startFastifyShop: StartShop = async ({ trail, options, place, brokenActor }) => {
  const app = fastify({ forceCloseConnections: true });
  const audit = auditRequests<ShopRequest>(trail, {
    ...options,
    actor: ({ user }) => {
      if (brokenActor) throw new Error("the session store is away");
      return userOf(user);
    },
  });
  await app.register(audit);
  app.addHook("onRequest", async (request: ShopRequest) => {
    await sleep(1);
    const user = request.headers["x-user"];
    request.user = typeof user === "string" ? user : undefined;
  });
  addRoutes(app, place);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    origin: originOf(app.server.address()),
    inventory: () => audit.inventory(),
    closeCapture: () => audit.close(),
    close: () => app.close(),
  };
};

function addRoutes(app: FastifyInstance, place: Shop["place"]): void {
  const served = (request: FastifyRequest): Served => ({
    ...{
      audited: requestOf(request),
      params: request.params as Record<string, string>,
      body: request.body ?? undefined,
    },
  });
  app.post("/orders/:id", async (request, reply) => {
    await place(served(request));
    return reply.code(201).send("placed");
  });
  app.post("/orders", async (request, reply) => {
    await place(served(request));
    return reply.code(201).send("placed");
  });
  app.get("/orders/:id", () => Promise.resolve("an order"));
  app.route({
    method: ["GET", "POST"],
    url: "/private",
    preHandler: async (request: ShopRequest, reply) => reply.code(request.user === undefined ? 401 : 403).send("no"),
    handler: () => Promise.resolve("never"),
  });
  app.post("/broken", () => Promise.reject(new TypeError("no such shelf")));
  app.post("/invalid", () => {
    throw Object.assign(new Error("no such product"), { statusCode: 422 });
  });
  app.get("/stream", async (request, reply) => {
    async function* chunks() {
      yield "one";
      await sleep(50);
      await place(served(request));
      yield "two";
    }
    return reply.send(new Response(ReadableStream.from(chunksAsBytes(chunks()))));
  });
  app.get("/endless", async (_, reply) => {
    reply.hijack();
    reply.raw.write("one");
  });
  app.post("/silent", () => new Promise(() => undefined));
  app.register(
    async (vouchers) => {
      vouchers.post("/vouchers/:id", async (request) => {
        await place(served(request));
        return "done";
      });
    },
    { prefix: "/shops/:shop" },
  );
  app.get("/health", () => Promise.resolve("well"));
  app.get("/vouchers/:id", async (request: FastifyRequest<{ Params: { id: string } }>) => {
    const audited = requestOf(request);
    audited.recordRead({ target: { type: "voucher", id: request.params.id }, data: { note: "at the till" } });
    return audited.headers;
  });
}

async function* chunksAsBytes(chunks: AsyncIterable<string>) {
  for await (const chunk of chunks) yield new TextEncoder().encode(chunk);
}
