import { AuditError } from "../../base/errors.ts";
import type { Handlers } from "../call.ts";
import { describeOpenapi } from "../openapi.ts";
import { referencePage } from "../reference-page.ts";
import { routes } from "../routes.ts";
import { lagMsOf } from "./proof-handlers.ts";

export const operationHandlers: Handlers<"checkLive" | "checkReady" | "readMetrics" | "readOpenapi" | "readReference"> =
  {
    checkLive: () => ({ status: "ok" }),

    async checkReady({ services }) {
      await services.store.listTrails();
      const { state } = services.trail.health();
      if (state === "closed" || services.closing.aborted)
        throw new AuditError("TRAIL_CLOSED", "The trail takes no more events.");
      return { status: state };
    },

    async readMetrics(call) {
      const { trail, store, accessLog, metrics, homeTenant } = call.services;
      const lagMs = await lagMsOf(call, homeTenant);
      const text = metrics.format({
        health: trail.health(),
        trails: await store.listTrails(),
        lagSeconds: lagMs === undefined ? undefined : lagMs / 1000,
        unrecordedReads: accessLog.unrecorded(),
        backlog: await store.backlog?.(),
      });
      return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
    },

    readOpenapi: ({ services: { prefix, version } }) =>
      describeOpenapi({ routes, prefix, version }) as { readonly openapi: "3.1.0" },

    readReference: () => referencePage(routes),
  };
