/** The real frameworks and libraries fit the shapes by which captures meet them; `npm run check:types` reads it. */

import express, { type Request as ExpressRequest } from "express";
import { fastify as createFastify, type FastifyRequest } from "fastify";
import { Hono, type Context } from "hono";
import { createTransport, type Transporter } from "nodemailer";
import { pino } from "pino";
import { z } from "zod";

import { auditRequests as auditExpress, requestOf as expressRequestOf } from "../../src/capture/express/index.ts";
import { auditRequests as auditFastify, requestOf as fastifyRequestOf } from "../../src/capture/fastify/index.ts";
import { auditRequests as auditHono, requestLog, requestOf } from "../../src/capture/hono/index.ts";
import { auditMail, mailLog, recordMailNotice } from "../../src/capture/nodemailer/index.ts";
import { createLogStream, systemLog } from "../../src/capture/pino/index.ts";
import { auditSignIn, signInLog } from "../../src/capture/sign-in/index.ts";
import { defineCatalogue, openTrail } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const catalogue = defineCatalogue(requestLog({ data: { search: z.string().optional() }, retain: { days: 90 } }));

export async function hono(): Promise<void> {
  type Env = { Variables: { user: string }; Bindings: { region: string } };
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const app = new Hono<Env>();
  const audit = auditHono<Context<Env>>(trail, {
    actor: (c) => ({ type: "user", id: c.get("user") }),
    data: (c) => ({ search: c.req.query("q") }),
  });
  app.use(audit);
  app.use("/admin/*", audit);
  new Hono().use(auditHono(trail));
  app.get("/:id", (c) => {
    requestOf(c).set({ data: { search: c.req.param("id") } });
    return c.text(audit.inventory(app).length.toString());
  });
  await trail.record("http.read", { data: { method: "GET", search: "x" } });
  // @ts-expect-error: not what the catalogue has a place for
  await trail.record("http.read", { data: { method: "GET", body: "x" } });

  const bare = await openTrail({ catalogue: defineCatalogue(), store: openMemoryStore() });
  // @ts-expect-error: the catalogue lacks requestLog()
  auditHono(bare);
  // @ts-expect-error: an exclusion needs a reason
  auditHono(trail, { exclude: [{ route: "/health" }] });
}

export async function mail(): Promise<void> {
  const trail = await openTrail({ catalogue: defineCatalogue(mailLog()), store: openMemoryStore() });
  const mailer = auditMail(createTransport({ host: "localhost" }), trail);
  const { messageId } = await mailer.sendMail({ to: "a@b.c", subject: "s", audit: { type: "welcome", retries: 1 } });
  const { accepted } = await mailer.sendMail({ to: "a@b.c" });
  mailer.sendMail({ to: "a@b.c" }, (error, info) => [error, info.messageId]);
  const held: Transporter = mailer;
  await held.verify();
  await recordMailNotice(trail, { kind: "bounced", messageId: `${messageId}${accepted.length}`, at: new Date() });
  // @ts-expect-error: not one of the kinds
  await recordMailNotice(trail, { kind: "lost", messageId });
  // @ts-expect-error: the audit has no such member
  await mailer.sendMail({ to: "a@b.c", audit: { kind: "welcome" } });
  // @ts-expect-error: no such field of a mail
  await mailer.sendMail({ to: "a@b.c", sender: 5, audit: {} });

  const bare = await openTrail({ catalogue: defineCatalogue(), store: openMemoryStore() });
  // @ts-expect-error: the catalogue lacks mailLog()
  auditMail(createTransport({ host: "localhost" }), bare);
}

export async function logging(): Promise<void> {
  const trail = await openTrail({ catalogue: defineCatalogue(systemLog(), signInLog()), store: openMemoryStore() });
  const stream = createLogStream(trail, { levels: { "apps.orders": "debug" } });
  pino({ name: "apps.orders" }, stream).info("hello");
  pino({}, pino.multistream([{ stream: process.stdout }, { level: "debug", stream }])).info("hello");
  // @ts-expect-error: no such level
  createLogStream(trail, { levels: { "*": "verbose" } });

  await auditSignIn(trail).failed({ name: "mira", cause: "wrong password" });
  // @ts-expect-error: there is no place for the password
  await auditSignIn(trail).failed({ name: "mira", password: "x" });
}

export async function expressAndFastify(): Promise<void> {
  const trail = await openTrail({ catalogue, store: openMemoryStore() });
  const app = express();
  const audit = auditExpress<ExpressRequest>(trail, { actor: (request) => ({ type: "user", id: request.ip ?? "" }) });
  app.use(audit);
  app.use("/admin", auditExpress(trail));
  app.get("/:id", (request, response) => {
    expressRequestOf(request).recordRead({ target: { type: "order", id: request.params.id } });
    response.json(audit.inventory(app));
  });
  app.use(audit.errors);

  const server = createFastify();
  const plugin = auditFastify<FastifyRequest>(trail, { actor: (request) => ({ type: "user", id: request.ip }) });
  await server.register(plugin);
  await server.register(auditFastify(trail));
  server.get("/:id", (request) => fastifyRequestOf(request).headers);
  // @ts-expect-error: no such option
  auditFastify(trail, { actr: () => undefined });
}
