import { formatInstant } from "../../base/time.ts";
import { defaultTenant } from "../../trail/prepare-event.ts";
import { assertTenant } from "../caller.ts";
import type { Handlers } from "../call.ts";
import { formatEmbedToken } from "../embed-token.ts";
import { routeTable } from "../routes.ts";
import { timelineOf } from "./entry-handlers.ts";

const defaultSeconds = 300;

export const embedHandlers: Handlers<"createEmbedToken"> = {
  async createEmbedToken(call) {
    const { tenant = defaultTenant, actor, target, operation, expiresInSeconds = defaultSeconds } = call.body;
    const { clock, ids, accounts, accessLog, prefix } = call.services;
    assertTenant(call.caller, tenant);
    const { of } = timelineOf({ actor, target, operation });
    const reference = { actor, target, operation }[of]!;
    const expiresAtMicros = clock.nowMicros() + expiresInSeconds * 1_000_000;
    const expiresAt = formatInstant(expiresAtMicros);
    await accessLog.record("auditrail.embed-token-created", call.origin, { data: { of, reference, expiresAt } });
    const token = formatEmbedToken({ id: ids(), tenant, of, reference, expiresAtMicros }, accounts.secret);
    return { token, expiresAt, path: prefix + routeTable.listEmbeddedTimeline.path };
  },
};
