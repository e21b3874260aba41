/** Who signs in: accounts, sessions, and the entries about coming and going. */

import { createHash, randomBytes } from "node:crypto";

import type { Actor } from "auditrail";

import { queueMail } from "../mail/outbox.ts";
import type { Role } from "../rules/roles.ts";
import { Refusal, type Pantry } from "./pantry.ts";
import { drawPassword, hashPassword, isPassword } from "./passwords.ts";
import type { PersonRow } from "./rows.ts";
import { personTarget } from "./targets.ts";

export interface SignedIn {
  readonly person: PersonRow;
  readonly token: string;
  /** Signed in by a password that came by mail. */
  readonly mustChoose: boolean;
}

const sessionHours = 12;
const temporaryDays = 14;
const fewestCharacters = 10;
/** So many failures for a name within so many minutes, and further tries have to wait. */
const mostFailures = 5;
const failureMinutes = 15;

export function actorOf(person: PersonRow): Actor {
  const { type, id, name } = personTarget(person);
  return { type, id, name: name!, email: person.email, roles: [person.role] };
}

/** Gives nothing where name and password do not belong together. Either way it is recorded, without the password. */
export async function signIn(pantry: Pantry, login: string, password: string): Promise<SignedIn | undefined> {
  const { sql, signIns } = pantry;
  const person = sql.get<PersonRow>`SELECT * FROM person WHERE login = ${login.trim()}`;
  if (hasToWait(pantry, login)) {
    await noteFailure(pantry, login, person, "too many tries");
    throw new Refusal(`Too many tries for this name. Wait for ${failureMinutes} minutes.`);
  }
  const match = await matchPassword(pantry, person, password);
  if (person === undefined || match === undefined) {
    const cause = person === undefined ? "unknown name" : person.active === 1 ? "wrong password" : "not active";
    await noteFailure(pantry, login, person, cause);
    return undefined;
  }
  await signIns.loggedIn(actorOf(person), { method: match === "own" ? "password" : "temporary password" });
  const token = randomBytes(32).toString("base64url");
  const endsAt = new Date(pantry.now().getTime() + sessionHours * 3_600_000).toISOString();
  sql.run`INSERT INTO session VALUES (${hashOf(token)}, ${person.id}, ${endsAt})`;
  return { person, token, mustChoose: match === "temporary" };
}

/** Only the hash of what was typed is counted: people type passwords into the wrong field. */
function hasToWait({ sql, now }: Pantry, login: string): boolean {
  const since = new Date(now().getTime() - failureMinutes * 60_000).toISOString();
  const { count } = sql.get<{ count: number }>`SELECT count(*) AS count FROM failedSignIn
    WHERE loginHash = ${hashOfLogin(login)} AND at > ${since}`!;
  return count >= mostFailures;
}

async function noteFailure(pantry: Pantry, login: string, person: PersonRow | undefined, cause: string): Promise<void> {
  const account = person === undefined ? {} : { account: personTarget(person) };
  await pantry.signIns.failed({ name: login, cause, ...account });
  if (cause !== "too many tries")
    pantry.sql.run`INSERT INTO failedSignIn VALUES (${hashOfLogin(login)}, ${pantry.now().toISOString()})`;
  pantry.log("apps.account").warn({ cause }, "a sign-in failed");
}

function hashOfLogin(login: string): string {
  return hashOf(login.trim().toLowerCase());
}

async function matchPassword(
  { now, passwordCostLog2 }: Pantry,
  person: PersonRow | undefined,
  password: string,
): Promise<"own" | "temporary" | undefined> {
  const hash = person?.active === 1 ? person.passwordHash : null;
  if (await isPassword(password, hash, passwordCostLog2)) return "own";
  const isCurrent = person?.active === 1 && (person.temporaryUntil ?? "") > now().toISOString();
  const temporary = isCurrent ? person.temporaryHash : null;
  return (await isPassword(password, temporary, passwordCostLog2)) ? "temporary" : undefined;
}

export async function signOut(pantry: Pantry, person: PersonRow, token: string): Promise<void> {
  await pantry.signIns.loggedOut(actorOf(person));
  pantry.sql.run`DELETE FROM session WHERE tokenHash = ${hashOf(token)}`;
}

/** Whose session it is; nobody's where it has ended. */
export function personOf({ sql, now }: Pantry, token: string): PersonRow | undefined {
  return sql.get<unknown>`SELECT person.* FROM session JOIN person ON person.id = session.person
    WHERE tokenHash = ${hashOf(token)} AND endsAt > ${now().toISOString()} AND person.active = 1`! as
    | PersonRow
    | undefined;
}

/** Ends the person's other sessions as well. */
export async function choosePassword(
  pantry: Pantry,
  person: PersonRow,
  password: string,
  token?: string,
): Promise<void> {
  if (password.length < fewestCharacters) throw new Refusal(`A password has at least ${fewestCharacters} characters.`);
  const hash = await hashPassword(password, pantry.passwordCostLog2);
  pantry.transaction((record) => {
    const { sql } = pantry;
    sql.run`UPDATE person SET passwordHash = ${hash}, temporaryHash = NULL, temporaryUntil = NULL WHERE id = ${person.id}`;
    sql.run`DELETE FROM session WHERE person = ${person.id} AND tokenHash <> ${token === undefined ? "" : hashOf(token)}`;
    record("pantry.password-changed", { target: personTarget(person) });
  });
}

/** Says nothing of whether there is such a person: who asks may be anybody. */
export function askForPassword(pantry: Pantry, login: string): void {
  const person = pantry.sql.get<unknown>`SELECT * FROM person WHERE login = ${login.trim()} AND active = 1`! as
    | PersonRow
    | undefined;
  if (person === undefined) return;
  pantry.transaction((record) => {
    record("pantry.password-reset-asked", { target: personTarget(person) });
    queueMail(pantry, "password-reset", person);
  });
}

/** A password for one sign-in. It is in nothing that is kept but a hash; the one before, and the person's own, are not touched. */
export async function makeTemporaryPassword(pantry: Pantry, person: number): Promise<string> {
  const password = drawPassword();
  const hash = await hashPassword(password, pantry.passwordCostLog2);
  const until = new Date(pantry.now().getTime() + temporaryDays * 86_400_000).toISOString();
  pantry.sql.run`UPDATE person SET temporaryHash = ${hash}, temporaryUntil = ${until} WHERE id = ${person}`;
  return password;
}

export interface NewAccount {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** Makes an account for staff, whose first password comes by mail. */
export function makeAccount(pantry: Pantry, { login, name, email, role }: NewAccount): PersonRow {
  if (login.trim() === "" || name.trim() === "" || !email.includes("@"))
    throw new Refusal("An account needs a name to sign in with, a name and an e-mail address.");
  if (role === "participant") throw new Refusal("Participants are registered, which makes their account.");
  return pantry.transaction((record) => {
    const { sql } = pantry;
    if (sql.get<object>`SELECT 1 FROM person WHERE login = ${login}` !== undefined)
      throw new Refusal(`${login} is taken.`);
    sql.run`INSERT INTO person (login, name, email, role, active) VALUES (${login}, ${name}, ${email}, ${role}, 1)`;
    const person = readPerson(pantry, login);
    record("pantry.account-made", { target: personTarget(person), after: { role, active: true } });
    queueMail(pantry, "onboarding", person);
    return person;
  });
}

export function changeAccount(pantry: Pantry, login: string, role: Role, active: boolean): void {
  pantry.transaction((record) => {
    const person = readPerson(pantry, login);
    if ((role === "participant") !== (person.participant !== null))
      throw new Refusal("Participants stay participants, and nobody else becomes one.");
    pantry.sql.run`UPDATE person SET role = ${role}, active = ${Number(active)} WHERE id = ${person.id}`;
    if (!active) pantry.sql.run`DELETE FROM session WHERE person = ${person.id}`;
    const before = { role: person.role, active: person.active === 1 };
    record("pantry.account-changed", { target: personTarget(person), before, after: { role, active } });
  });
}

export function readPerson({ sql }: Pantry, login: string): PersonRow {
  const person = sql.get<PersonRow>`SELECT * FROM person WHERE login = ${login}`;
  if (person === undefined) throw new Refusal(`There is no account ${login}.`);
  return person;
}

export function listStaff({ sql }: Pantry): PersonRow[] {
  return sql.all<PersonRow>`SELECT * FROM person WHERE role <> 'participant' ORDER BY login`;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
