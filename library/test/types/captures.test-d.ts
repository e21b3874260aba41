/** The real frameworks and libraries fit the shapes by which captures meet them; `npm run check:types` reads it. */

import { Hono, type Context } from "hono";
import { z } from "zod";

import { auditRequests as auditHono, requestLog, requestOf } from "../../src/capture/hono/index.ts";
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
    return c.text(audit.routes(app).length.toString());
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
