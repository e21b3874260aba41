import { AuditError, quote } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Role } from "../route.ts";
import { texts, type AccountsFile, type Row } from "./accounts-file.ts";
import type { Passwords } from "./passwords.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The tenants whose trails they may read; null for all. */
  readonly tenants: readonly string[] | null;
  readonly disabled: boolean;
  /** An application signs them in; they have no password. */
  readonly handedOver: boolean;
  readonly createdAtMicros: number;
  readonly signedInAtMicros: number | null;
}

export interface NewPerson {
  readonly name: string;
  readonly password: string;
  readonly roles: readonly Role[];
  readonly tenants?: readonly string[] | null | undefined;
}

export interface PersonChange {
  readonly roles?: readonly Role[] | undefined;
  readonly tenants?: readonly string[] | null | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: string | undefined;
}

export type People = ReturnType<typeof createPeople>;

/** People of the accounts file. Nobody is ever deleted: what they did names them. */
export function createPeople(file: AccountsFile, passwords: Passwords, clock: Clock, ids: () => string) {
  const readRow = (id: string) => file.get("SELECT * FROM auditrail_server_person WHERE id = ?", id);
  const read = (id: string): Person => {
    const row = readRow(id);
    if (row !== undefined) return toPerson(row);
    throw new AuditError("PERSON_NOT_FOUND", `There is no person ${quote(id)}.`);
  };
  const isEmpty = (): boolean =>
    file.get("SELECT 1 FROM auditrail_server_person WHERE password <> '' LIMIT 1") === undefined;
  return {
    read,
    list: (): readonly Person[] =>
      file.all("SELECT * FROM auditrail_server_person ORDER BY lower(name), id").map(toPerson),
    /** Whether nobody is there who signs in with a password: people who are handed over administrate nothing. */
    isEmpty,

    /** Errors: `PERSON_EXISTS`, `SET_UP_INVALID` where it has to be the first and is not. */
    async create({ name, password, roles, tenants = null }: NewPerson, mustBeFirst = false): Promise<Person> {
      const hash = await passwords.hash(password);
      const id = ids();
      file.transaction(() => {
        if (mustBeFirst && !isEmpty()) {
          throw new AuditError("SET_UP_INVALID", "The first person was made already. Sign in instead.");
        }
        if (file.get("SELECT 1 FROM auditrail_server_person WHERE name_folded = ?", foldName(name)) !== undefined) {
          throw new AuditError("PERSON_EXISTS", `There already is a person ${quote(name)}.`);
        }
        file.run(
          "INSERT INTO auditrail_server_person (id, name, name_folded, password, roles, tenants, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          ...([id, name, foldName(name), hash, JSON.stringify(roles)] as const),
          ...([tenants === null ? null : JSON.stringify(tenants), clock.nowMicros()] as const),
        );
      });
      return read(id);
    },

    /** Errors: `PERSON_NOT_FOUND`. */
    async change(id: string, { roles, tenants, disabled, password }: PersonChange): Promise<Person> {
      const old = read(id);
      const hash = password === undefined ? null : await passwords.hash(password);
      const kept = tenants === undefined ? old.tenants : tenants;
      file.run(
        "UPDATE auditrail_server_person SET roles = ?, tenants = ?, disabled = ?, password = coalesce(?, password) WHERE id = ?",
        ...([JSON.stringify(roles ?? old.roles), kept === null ? null : JSON.stringify(kept)] as const),
        ...([(disabled ?? old.disabled) ? 1 : 0, hash, id] as const),
      );
      return read(id);
    },

    /** The person, when the password is theirs; takes as long when it is not. Errors: `SERVER_BUSY`. */
    async verify(name: string, password: string): Promise<Person | undefined> {
      const sql = "SELECT * FROM auditrail_server_person WHERE name_folded = ? AND password <> ''";
      const row = file.get(sql, foldName(name));
      const isRight = await passwords.verify(password, row?.["password"] as string | undefined);
      return isRight && row !== undefined ? toPerson(row) : undefined;
    },

    noteSignIn: (id: string) =>
      file.run("UPDATE auditrail_server_person SET signed_in_at = ? WHERE id = ?", clock.nowMicros(), id),
  };
}

/** Names that look alike to people who type them are one. */
export function foldName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

export function toPerson(row: Row): Person {
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    roles: (texts(row["roles"]) ?? []) as readonly Role[],
    tenants: texts(row["tenants"]),
    disabled: row["disabled"] === 1,
    handedOver: row["password"] === "",
    createdAtMicros: row["created_at"] as number,
    signedInAtMicros: row["signed_in_at"] as number | null,
  };
}
