import { AuditError } from "../../base/errors.ts";
import { formatInstant } from "../../base/time.ts";
import type { Person } from "../accounts/people.ts";
import type { Session } from "../accounts/sessions.ts";
import { denied } from "../caller.ts";
import type { AnyCall, Handlers } from "../call.ts";

export const sessionHandlers: Handlers<"readSession" | "signIn" | "signOut" | "changeOwnPassword" | "setUp"> = {
  readSession: (call) => showSession(call, call.caller.kind === "person" ? call.caller.session : undefined),

  async signIn(call) {
    const { name, password } = call.body;
    const person = await checkPassword(call, name, password);
    return begin(call, person, "password");
  },

  async signOut(call) {
    const { id } = ownSession(call);
    call.services.accounts.sessions.end(id);
    call.setSession(undefined);
    await call.services.accessLog.record("auditrail.signed-out", call.origin, {});
    return undefined;
  },

  async changeOwnPassword(call) {
    const { accounts, accessLog } = call.services;
    const { id, person } = ownSession(call);
    assertHasPassword(person);
    await checkPassword(call, person.name, call.body.current);
    // Told first: a change that cannot be told is not made.
    await accessLog.record("auditrail.person-changed", call.origin, {
      target: targetOf(person),
      data: { changed: ["password"] },
    });
    await accounts.people.change(person.id, { password: call.body.next });
    accounts.sessions.endAll(person.id, id);
    return undefined;
  },

  async setUp(call) {
    const { accounts, accessLog } = call.services;
    const { token, name, password, roles = ["administrator"] } = call.body;
    const { origin } = call;
    accounts.attempts.assertOpen("(set-up)", origin.address);
    if (!accounts.people.isEmpty() || !accounts.setUpLink.accepts(token)) {
      accounts.attempts.noteFailure("(set-up)", origin.address);
      await accessLog.record("auditrail.sign-in-failed", origin, { outcome: "denied", data: { name, cause: "link" } });
      throw new AuditError(
        "SET_UP_INVALID",
        "This link cannot be used: it is for the first person, once, for an hour.",
      );
    }
    if (!roles.includes("administrator")) {
      throw new AuditError("REQUEST_INVALID", "The first person has to be an administrator.", {
        details: { problems: ["roles: expected administrator among them"] },
      });
    }
    const person = await accounts.people.create({ name, password, roles }, true);
    accounts.setUpLink.drop();
    const state = { roles: person.roles, tenants: person.tenants, disabled: false };
    await accessLog.record("auditrail.person-created", origin, {
      actor: { type: "person", id: person.id, name },
      target: targetOf(person),
      after: state,
    });
    return begin(call, person, "set-up");
  },
};

/** Errors: `SIGN_IN_DELAYED`, `SIGN_IN_FAILED`. */
async function checkPassword(call: AnyCall, name: string, password: string): Promise<Person> {
  const { accounts, accessLog } = call.services;
  const { origin } = call;
  const fail = (cause: string) =>
    accessLog.record("auditrail.sign-in-failed", origin, {
      outcome: "denied",
      data: { name: name.slice(0, 200), cause },
    });
  accounts.attempts.assertOpen(name, origin.address);
  // Counted before it is known to be wrong, so that many tries at once are many tries.
  accounts.attempts.noteFailure(name, origin.address);
  const person = await accounts.people.verify(name, password);
  if (person === undefined || person.disabled) {
    await fail(person === undefined ? "credentials" : "disabled");
    throw new AuditError("SIGN_IN_FAILED", "The name and the password do not belong together.");
  }
  accounts.attempts.noteSuccess(name, origin.address);
  return person;
}

/** A new session; told as signing in. */
export async function begin(
  call: AnyCall,
  person: Person,
  by: "password" | "set-up" | "hand-over",
): Promise<ReturnType<typeof showSession>> {
  const { accounts, accessLog } = call.services;
  const { token, session } = accounts.sessions.create(person, call.sessionToken);
  const caller = { kind: "person", session } as const;
  try {
    await accessLog.record("auditrail.signed-in", { ...call.origin, caller }, { data: { by } });
  } catch (error) {
    accounts.sessions.end(session.id);
    throw error;
  }
  accounts.people.noteSignIn(person.id);
  call.setSession(token);
  return showSession(call, { ...session, person: accounts.people.read(person.id) });
}

function showSession({ services: { accounts } }: AnyCall, session: Session | undefined) {
  return {
    person: session === undefined ? null : showPerson(session.person),
    csrfToken: session === undefined ? null : accounts.sessions.csrfToken(session.id),
    setUpNeeded: session === undefined && accounts.people.isEmpty(),
  };
}

export function ownSession({ caller }: AnyCall): Session {
  if (caller.kind === "person") return caller.session;
  throw new AuditError("ACCESS_DENIED", "This is for people who have signed in.");
}

/** Errors: `ACCESS_DENIED` for people whom an application signs in. */
export function assertHasPassword({ handedOver }: Person): void {
  if (handedOver) throw denied("An application signs this person in: there is no password to change.", {});
}

export function targetOf({ id, name }: Person) {
  return { type: "person", id, name };
}

export function showPerson({ createdAtMicros, signedInAtMicros, ...person }: Person) {
  const lastSignInAt = signedInAtMicros === null ? null : formatInstant(signedInAtMicros);
  return { ...person, createdAt: formatInstant(createdAtMicros), lastSignInAt };
}
