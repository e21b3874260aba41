/** Who calls, and what they may do. */

import { AuditError } from "../base/errors.ts";
import type { Actor } from "../event/event.ts";
import type { ApiKey } from "./accounts/keys.ts";
import type { Session } from "./accounts/sessions.ts";
import type { EmbedScope } from "./embed-token.ts";
import type { Access, Role } from "./route.ts";

export type Caller =
  | { readonly kind: "nobody" }
  | { readonly kind: "person"; readonly session: Session }
  | { readonly kind: "key"; readonly key: ApiKey }
  | { readonly kind: "embedded"; readonly scope: EmbedScope };

/** What a caller may read. */
export interface Reader {
  /** Logs with `readers: "restricted"`. */
  readonly restricted: boolean;
  /** Whether queries may ask for personal data. */
  readonly mayReveal: boolean;
  /** Whether personal data is in the answer. */
  readonly reveals: boolean;
}

/** Returns when the caller may use a route. Errors: `SESSION_REQUIRED`, `ACCESS_DENIED`, `EMBED_INVALID`. */
export function assertAccess(caller: Caller, access: Access): void {
  if (access.kind === "anyone") return;
  if (access.kind === "embed-token") {
    if (caller.kind === "embedded") return;
    throw new AuditError("EMBED_INVALID", "Cannot show a timeline: send an embed token as `Authorization: Bearer …`.");
  }
  if (caller.kind === "person" && access.roles.length > 0) return assertRole(caller.session.person.roles, access.roles);
  if (caller.kind === "key" && access.scope !== undefined) {
    if (caller.key.scopes.includes(access.scope)) return;
    throw denied(`This key has no scope ${access.scope}.`, { scope: access.scope });
  }
  if (caller.kind === "person" || caller.kind === "key") {
    throw denied(`This route is for ${caller.kind === "key" ? "people" : "API keys"} only.`, {});
  }
  throw new AuditError("SESSION_REQUIRED", "Sign in first, or send an API key.");
}

function assertRole(has: readonly Role[], allowed: readonly Role[]): void {
  if (has.some((role) => allowed.includes(role))) return;
  throw denied(`This is for the role of ${allowed.join(" or ")}.`, { roles: allowed });
}

export function denied(message: string, details: Readonly<Record<string, unknown>>): AuditError {
  return new AuditError("ACCESS_DENIED", message, { details });
}

/** `wants` is false where the caller asked not to be shown personal data. */
export function readerOf(caller: Caller, wants = true): Reader {
  const granted = grantsOf(caller);
  return { ...granted, reveals: granted.mayReveal && wants };
}

/** Restricted logs and personal data are two things: staff and embedded timelines have the second without the first. */
function grantsOf(caller: Caller): Omit<Reader, "reveals"> {
  switch (caller.kind) {
    case "nobody":
      return { restricted: false, mayReveal: false };
    case "person": {
      const { roles } = caller.session.person;
      const isAuditor = roles.includes("auditor");
      return { restricted: isAuditor, mayReveal: isAuditor || roles.includes("staff") };
    }
    case "key": {
      const reveals = caller.key.scopes.includes("entries:reveal");
      return { restricted: reveals, mayReveal: reveals };
    }
    case "embedded":
      return { restricted: false, mayReveal: caller.scope.reveals };
  }
}

/** Whether both see the same of the same trails: who was given less, or more, begins anew. */
export function hasSameRights(one: Caller, other: Caller): boolean {
  const rights = (caller: Caller): string => JSON.stringify([caller.kind, readerOf(caller), tenantsOf(caller)]);
  return rights(one) === rights(other);
}

/** Errors: `ACCESS_DENIED` for a tenant that is not the caller's. */
export function assertTenant(caller: Caller, tenant: string): void {
  if (mayReadTenant(caller, tenant)) return;
  throw denied("This tenant is not one of yours.", { tenant });
}

export function mayReadTenant(caller: Caller, tenant: string): boolean {
  const tenants = tenantsOf(caller);
  return tenants === null || tenants.includes(tenant);
}

/** `null` for all. */
function tenantsOf(caller: Caller): readonly string[] | null {
  if (caller.kind === "embedded") return [caller.scope.tenant];
  if (caller.kind === "nobody") return [];
  return (caller.kind === "person" ? caller.session.person : caller.key).tenants;
}

/** The caller as the actor of events. */
export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case "nobody":
      return { type: "unknown" };
    case "person": {
      const { id, person } = caller.session;
      return { type: "person", id: person.id, name: person.name, roles: person.roles, credential: id };
    }
    case "key":
      return { type: "api-key", id: caller.key.id, name: caller.key.label };
    case "embedded":
      return { type: "embed-token", id: caller.scope.id };
  }
}
