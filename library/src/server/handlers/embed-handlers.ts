import { formatInstant } from "../../base/time.ts";
import { defaultTenant } from "../../trail/prepare-event.ts";
import { assertTenant, denied, readerOf } from "../caller.ts";
import type { Handlers } from "../call.ts";
import { formatEmbedToken } from "../embed-token.ts";
import { routeTable } from "../routes.ts";
import { timelineOf } from "./entry-handlers.ts";

const defaultSeconds = 300;

export const embedHandlers: Handlers<"createEmbedToken"> = {
  async createEmbedToken(call) {
    const {
      tenant = defaultTenant,
      actor,
      target,
      operation,
      reveal = false,
      expiresInSeconds = defaultSeconds,
    } = call.body;
    const { clock, ids, accounts, accessLog, prefix } = call.services;
    assertTenant(call.caller, tenant);
    if (reveal && !readerOf(call.caller).mayReveal)
      throw denied("Whoever may not see personal data cannot let others see it.", {});
    const { of } = timelineOf({ actor, target, operation });
    const reference = { actor, target, operation }[of]!;
    const expiresAtMicros = clock.nowMicros() + expiresInSeconds * 1_000_000;
    const expiresAt = formatInstant(expiresAtMicros);
    await accessLog.record("auditrail.embed-token-created", call.origin, {
      data: { of, reference, expiresAt, reveals: reveal },
    });
    const token = formatEmbedToken(
      { id: ids(), tenant, of, reference, reveals: reveal, expiresAtMicros },
      accounts.secret,
    );
    return {
      token,
      expiresAt,
      path: prefix + routeTable.listEmbeddedTimeline.path,
      framePath: framePathOf(prefix, token),
    };
  },
};

/** Of the page for frames. The token stands behind the mark, so that it reaches no server's log and no Referer. */
function framePathOf(prefix: string, token: string): string {
  return `${prefix}/embed#token=${encodeURIComponent(token)}`;
}
