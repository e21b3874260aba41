import { createHash, createHmac, randomBytes } from "node:crypto";

import type { Clock } from "../../base/time.ts";
import type { AccountsFile } from "./accounts-file.ts";
import { toPerson, type Person } from "./people.ts";

export interface SessionTimes {
  /** Without a request. */
  readonly idleMs: number;
  /** In all. */
  readonly absoluteMs: number;
}

export interface Session {
  /** What events name as the credential: not the token. */
  readonly id: string;
  readonly person: Person;
}

export type Sessions = ReturnType<typeof createSessions>;

/** How exactly the last use is known: writing it down at every request would cost more than it tells. */
const seenEveryMicros = 30_000_000;

/** Sessions: 256 random bits with the person's browser, their SHA-256 in the file. */
export function createSessions(
  file: AccountsFile,
  { idleMs, absoluteMs }: SessionTimes,
  clock: Clock,
  ids: () => string,
) {
  const dropExpired = (): void => {
    const now = clock.nowMicros();
    file.run(
      "DELETE FROM auditrail_server_session WHERE created_at < ? OR seen_at < ?",
      ...([now - absoluteMs * 1000, now - idleMs * 1000] as const),
    );
  };
  return {
    /** A new session; `replaced`, the one that the browser had before, ends. */
    create(person: Person, replaced: string | undefined): { readonly token: string; readonly session: Session } {
      dropExpired();
      if (replaced !== undefined) file.run("DELETE FROM auditrail_server_session WHERE hash = ?", hashToken(replaced));
      const token = randomBytes(32).toString("base64url");
      const [id, now] = [ids(), clock.nowMicros()];
      file.run(
        "INSERT INTO auditrail_server_session VALUES (?, ?, ?, ?, ?)",
        hashToken(token),
        id,
        person.id,
        now,
        now,
      );
      return { token, session: { id, person } };
    },

    /** The session of a token, while it is in force and its person is not disabled. */
    find(token: string, isUse = true): Session | undefined {
      const hash = hashToken(token);
      const row = file.get(
        "SELECT s.id AS session, s.created_at AS begun_at, s.seen_at, p.* FROM auditrail_server_session s JOIN auditrail_server_person p ON p.id = s.person WHERE s.hash = ?",
        hash,
      );
      if (row === undefined || row["disabled"] === 1) return undefined;
      const now = clock.nowMicros();
      const seenAt = row["seen_at"] as number;
      if (now >= (row["begun_at"] as number) + absoluteMs * 1000 || now >= seenAt + idleMs * 1000) return undefined;
      if (isUse && now - seenAt > Math.min(seenEveryMicros, idleMs * 100)) {
        file.run("UPDATE auditrail_server_session SET seen_at = ? WHERE hash = ?", now, hash);
      }
      return { id: row["session"] as string, person: toPerson(row) };
    },

    end: (id: string) => file.run("DELETE FROM auditrail_server_session WHERE id = ?", id),

    /** Ends all of a person's sessions, but the one that is kept. */
    endAll: (person: string, kept = "") =>
      file.run("DELETE FROM auditrail_server_session WHERE person = ? AND id <> ?", person, kept),

    /** What requests that change something have to show: known to pages of ours, and to no other site. */
    csrfToken: (id: string): string =>
      createHmac("sha256", file.secret).update(`auditrail/csrf/1\0${id}`).digest("base64url"),
  };
}

export function hashToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
