import { AuditError } from "../../base/errors.ts";
import type { Person, PersonChange } from "../accounts/people.ts";
import { denied } from "../caller.ts";
import type { Handlers } from "../call.ts";
import { assertHasPassword, ownSession, showPerson, targetOf } from "./session-handlers.ts";

export const peopleHandlers: Handlers<"listPeople" | "createPerson" | "changePerson"> = {
  listPeople: ({ services }) => ({ people: services.accounts.people.list().map(showPerson) }),

  async createPerson({ services, origin, body }) {
    const { people } = services.accounts;
    const person = await people.create(body);
    try {
      await services.accessLog.record("auditrail.person-created", origin, {
        target: targetOf(person),
        after: accessOf(person),
      });
    } catch (error) {
      // What cannot be told is not done: the person stays, but cannot come in.
      await people.change(person.id, { disabled: true });
      throw error;
    }
    return showPerson(person);
  },

  async changePerson(call) {
    const { accounts, accessLog } = call.services;
    const change: PersonChange = call.body;
    const old = accounts.people.read(call.parameters["person"]!);
    if (change.password !== undefined) assertHasPassword(old);
    if (old.handedOver && (change.roles ?? change.tenants) !== undefined)
      throw denied(
        "The application says what this person may do, whenever it hands them over. They can be disabled.",
        {},
      );
    assertNotOwn(old.id === ownSession(call).person.id, change);
    const changed = (["roles", "tenants", "disabled", "password"] as const).filter(
      (name) => change[name] !== undefined,
    );
    if (changed.length === 0)
      throw new AuditError("REQUEST_INVALID", "There is nothing to change.", {
        details: { problems: ["body: empty"] },
      });
    const { roles = old.roles, tenants = old.tenants, disabled = old.disabled } = change;
    await accessLog.record("auditrail.person-changed", call.origin, {
      ...{ target: targetOf(old), before: accessOf(old), after: { roles, tenants, disabled } },
      data: { changed },
    });
    const person = await accounts.people.change(old.id, change);
    if (change.password !== undefined || person.disabled) accounts.sessions.endAll(person.id);
    return showPerson(person);
  },
};

/** Two administrators have to agree on what one of them may do, and the last one cannot lock themselves out. */
function assertNotOwn(isOwn: boolean, change: PersonChange): void {
  if (!isOwn) return;
  if (change.password !== undefined)
    throw denied("Change your own password with the current one, at /api/v1/session/password.", {});
  throw denied("Nobody changes their own roles, tenants, or whether they are disabled: ask another administrator.", {});
}

export function accessOf({ roles, tenants, disabled }: Person) {
  return { roles, tenants, disabled };
}
