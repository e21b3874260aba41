/** The web application: every page behind its guard, every request recorded. */

import { readFileSync } from "node:fs";

import { Hono, type Context } from "hono";
import { getConnInfo } from "@hono/node-server/conninfo";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";

import { auditRequests } from "auditrail/hono";

import { actorOf } from "../domain/people.ts";
import { Refusal } from "../domain/pantry.ts";
import { noticeDelivery } from "../mail/send-mail.ts";
import { hasRole } from "../rules/roles.ts";
import { auditPath } from "./audit-desk.ts";
import { recognise, requireRole, showFailure } from "./guards.ts";
import { showPage } from "./layout.ts";
import { addParticipantPages } from "./participant-pages.ts";
import { addSignInPages } from "./sign-in-pages.ts";
import type { Env, Site } from "./site.ts";
import { addStaffMails } from "./staff-mails.ts";
import { addStaffOrders } from "./staff-orders.ts";
import { addStaffParticipants } from "./staff-participants.ts";
import { addStaffPrograms } from "./staff-programs.ts";
import { addStaffToday } from "./staff-today.ts";
import { addStaffVouchers } from "./staff-vouchers.ts";
import { addSuperuserPages } from "./superuser-pages.ts";

export interface PantryApp {
  readonly app: Hono<Env>;
  /** Records what was counted and not told yet. Before the trail is closed. */
  close(): Promise<void>;
}

const policy = {
  defaultSrc: ["'self'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  objectSrc: ["'none'"],
};

export function createPantryApp(site: Site): PantryApp {
  const { pantry, desk, outbox } = site;
  const app = new Hono<Env>();
  const audit = auditRequests<Context<Env>>(pantry.trail, {
    actor: (c) => (c.get("person") === undefined ? undefined : actorOf(c.get("person")!)),
    exclude: [{ route: `${auditPath}/*`, reason: "the audit server records its own requests" }],
  });
  app.use(audit);
  // A console with pages and headers of its own.
  app.all(`${auditPath}/*`, (c) => desk.fetch(c.req.raw, addressOf(c)));
  app.use(secureHeaders({ contentSecurityPolicy: policy, strictTransportSecurity: site.secureCookies }));
  app.use(csrf());
  addFiles(app);
  app.post("/mail-notices", (c) => takeNotice(site, c));
  app.use(recognise(site));
  app.use(async (_c, next) => {
    await next();
    outbox.wake();
  });
  addSignInPages(app, site);
  app.use("/staff/*", requireRole("staff"));
  app.use("/super/*", requireRole("superuser"));
  addStaffToday(app, site);
  addStaffParticipants(app, site);
  addStaffVouchers(app, site);
  addStaffOrders(app, site);
  addStaffMails(app, site);
  addStaffPrograms(app, site);
  addSuperuserPages(app, site);
  app.get("/", (c, next) => {
    const person = c.get("person");
    return person !== undefined && hasRole(person.role, "staff") ? Promise.resolve(c.redirect("/staff")) : next();
  });
  for (const path of ["/", "/shop/*", "/orders/*"]) app.use(path, requireRole("participant"));
  addParticipantPages(app, site);
  app.notFound((c) => showPage(c, "Not found", "There is no such page.", 404));
  app.onError((error, c) => {
    if (!(error instanceof Refusal || error instanceof HTTPException)) site.report(error);
    return showFailure(error, c);
  });
  return { app, close: () => audit.close() };
}

function addressOf(c: Context<Env>): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined; // app.request() in tests has no connection.
  }
}

function addFiles(app: Hono<Env>): void {
  const style = readFileSync(new URL("style.css", import.meta.url), "utf8");
  const icon = readFileSync(new URL("icon.svg", import.meta.url), "utf8");
  app.get("/style.css", (c) =>
    c.body(style, 200, { "content-type": "text/css; charset=utf-8", "cache-control": "max-age=300" }),
  );
  app.get("/icon.svg", (c) => c.body(icon, 200, { "content-type": "image/svg+xml", "cache-control": "max-age=300" }));
}

const deliveries = ["delivered", "bounced", "complained"] as const;

/** What a mail system tells of a mail that it took: `{ "messageId": "<…>", "delivery": "bounced" }`. */
async function takeNotice({ pantry, noticeKey }: Site, c: Context<Env>) {
  if (c.req.header("authorization") !== `Bearer ${noticeKey}`)
    return c.json({ error: "the key is missing or wrong" }, 401);
  const { messageId, delivery } = (await c.req.json()) as { messageId?: unknown; delivery?: unknown };
  const known = deliveries.find((each) => each === delivery);
  if (typeof messageId !== "string" || known === undefined)
    return c.json({ error: "expected messageId and delivery" }, 400);
  const isOurs = await noticeDelivery(pantry, messageId, known);
  return isOurs ? c.body(null, 204) : c.json({ error: "no such mail" }, 404);
}
