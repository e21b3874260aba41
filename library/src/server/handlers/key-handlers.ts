import { formatInstant } from "../../base/time.ts";
import type { ApiKey } from "../accounts/keys.ts";
import type { Person } from "../accounts/people.ts";
import { denied } from "../caller.ts";
import type { Handlers } from "../call.ts";
import type { Scope } from "../route.ts";
import { ownSession } from "./session-handlers.ts";

const dayMicros = 86_400_000_000;

export const keyHandlers: Handlers<"listKeys" | "createKey" | "revokeKey"> = {
  listKeys: ({ services }) => ({ keys: services.accounts.keys.list().map(showKey) }),

  async createKey(call) {
    const { accounts, accessLog, clock } = call.services;
    const { person } = ownSession(call);
    const { label, scopes, tenants = person.tenants, expiresInDays } = call.body;
    assertOwn(person, scopes, tenants);
    const expiresAtMicros =
      expiresInDays === undefined ? null : clock.nowMicros() + Math.round(expiresInDays * dayMicros);
    const { key, secret } = accounts.keys.create({ label, scopes, tenants, createdBy: person.id, expiresAtMicros });
    try {
      await accessLog.record("auditrail.key-created", call.origin, {
        target: keyTarget(key),
        after: { scopes, tenants, expiresAt: showInstant(expiresAtMicros) },
      });
    } catch (error) {
      accounts.keys.revoke(key.id);
      throw error;
    }
    return { key: showKey(key), secret };
  },

  async revokeKey({ services, origin, parameters }) {
    const key = services.accounts.keys.revoke(parameters["key"]!);
    await services.accessLog.record("auditrail.key-revoked", origin, { target: keyTarget(key) });
    return undefined;
  },
};

/** Otherwise an administrator would make a key that reads what they may not: it reveals in restricted logs too. */
function assertOwn({ roles, tenants: own }: Person, scopes: readonly Scope[], tenants: readonly string[] | null): void {
  if (scopes.includes("entries:reveal") && !roles.includes("auditor")) {
    throw denied("Only an auditor may give a key the scope entries:reveal.", { scope: "entries:reveal" });
  }
  const isWithin = own === null || (tenants !== null && tenants.every((tenant) => own.includes(tenant)));
  if (!isWithin) throw denied("A key may read only tenants that you may read yourself.", { tenants: own });
}

function keyTarget({ id, label }: ApiKey) {
  return { type: "api-key", id, name: label };
}

function showInstant(micros: number | null): string | null {
  return micros === null ? null : formatInstant(micros);
}

function showKey({ createdAtMicros, expiresAtMicros, revokedAtMicros, usedAtMicros, ...key }: ApiKey) {
  return {
    ...key,
    createdAt: formatInstant(createdAtMicros),
    expiresAt: showInstant(expiresAtMicros),
    revokedAt: showInstant(revokedAtMicros),
    lastUsedAt: showInstant(usedAtMicros),
  };
}
